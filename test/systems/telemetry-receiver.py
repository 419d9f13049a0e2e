"""Takes traces, logs and lineage as the official libraries of OpenTelemetry and OpenLineage read them; what they refuse is answered with 400 and kept.

GET /received gives all of it as JSON.
"""

import base64
import importlib
import json
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from openlineage.client.generated import base as lineage

received = {"spans": [], "logs": [], "lineage": [], "refused": []}


def hex_ids(node):
    """OTLP has ids in hexadecimal, where protobuf's own JSON has base64."""
    if isinstance(node, list):
        return [hex_ids(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: base64.b64encode(bytes.fromhex(value)).decode() if key in ("traceId", "spanId", "parentSpanId") else hex_ids(value)
        for key, value in node.items()
    }


def attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def take_traces(body):
    request = json_format.Parse(json.dumps(hex_ids(json.loads(body))), ExportTraceServiceRequest())
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                assert len(span.trace_id) == 16 and len(span.span_id) == 8 and len(span.parent_span_id) in (0, 8)
                received["spans"].append({
                    "trace": span.trace_id.hex(),
                    "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "name": span.name,
                    "status": span.status.code,
                    "took": span.end_time_unix_nano - span.start_time_unix_nano,
                    "service": attributes(resource.resource.attributes)["service.name"],
                    "attributes": attributes(span.attributes),
                })


def take_logs(body):
    request = json_format.Parse(json.dumps(hex_ids(json.loads(body))), ExportLogsServiceRequest())
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                received["logs"].append({"trace": record.trace_id.hex(), "span": record.span_id.hex(), "body": record.body.string_value})


FACETS = {
    "nominalTime": "nominal_time_run.NominalTimeRunFacet",
    "parent": "parent_run.ParentRunFacet",
    "errorMessage": "error_message_run.ErrorMessageRunFacet",
    "processing_engine": "processing_engine_run.ProcessingEngineRunFacet",
    "jobType": "job_type_job.JobTypeJobFacet",
    "job.documentation": "documentation_job.DocumentationJobFacet",
    "documentation": "documentation_dataset.DocumentationDatasetFacet",
    "ownership": "ownership_dataset.OwnershipDatasetFacet",
    "outputStatistics": "output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet",
}


def check_facets(facets, prefix=""):
    """Each is one that the library knows, with fields that it has, or says that it is our own."""
    for name, fields in facets.items():
        known = FACETS.get(prefix + name) or FACETS.get(name)
        if known is None:
            assert name.startswith("tutti_"), name
            assert fields["_producer"] and fields["_schemaURL"]
            continue
        module, kind = known.split(".")
        facet = getattr(importlib.import_module("openlineage.client.generated." + module), kind)
        assert fields["_schemaURL"] == facet._get_schema(), (fields["_schemaURL"], facet._get_schema())
        facet(**{key: value for key, value in fields.items() if not key.startswith("_")})


def take_lineage(body):
    event = json.loads(body)
    assert event["schemaURL"] == lineage.RunEvent._get_schema()
    run, job = event["run"], event["job"]
    uuid.UUID(run["runId"])
    check_facets(run["facets"])
    check_facets(job["facets"], "job.")
    for dataset in event["inputs"] + event["outputs"]:
        check_facets(dataset.get("facets", {}))
        check_facets(dataset.get("outputFacets", {}))
    lineage.RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        eventType=lineage.EventType(event["eventType"]),
        run=lineage.Run(runId=run["runId"]),
        job=lineage.Job(namespace=job["namespace"], name=job["name"]),
        inputs=[lineage.InputDataset(namespace=each["namespace"], name=each["name"]) for each in event["inputs"]],
        outputs=[lineage.OutputDataset(namespace=each["namespace"], name=each["name"]) for each in event["outputs"]],
    )
    unknown = set(event) - {"eventType", "eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs"}
    assert not unknown, unknown
    received["lineage"].append(event)


TAKERS = {"/v1/traces": take_traces, "/v1/logs": take_logs, "/api/v1/lineage": take_lineage}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            TAKERS[self.path](body)
            self.send_response(200)
        except Exception as error:
            received["refused"].append(f"{self.path}: {type(error).__name__}: {error}: {body[:2000].decode()}")
            self.send_response(400)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        body = json.dumps(received).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
