"""Fails in the driver, after Spark has begun."""

from pyspark.sql import SparkSession

SparkSession.builder.getOrCreate()
raise KeyError("no such setting")
