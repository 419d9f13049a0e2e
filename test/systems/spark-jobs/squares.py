"""Sums squares in two jobs, and says so: squares.py <numbers> <seconds that each takes> [bad number]"""

import sys
import time

from pyspark.sql import SparkSession

numbers, seconds = int(sys.argv[1]), float(sys.argv[2])
bad = int(sys.argv[3]) if len(sys.argv) > 3 else None


def square(number):
    time.sleep(seconds)
    if number == bad:
        raise ValueError(f"number {number} is bad")
    return number * number


spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext
print("begun", flush=True)
context.parallelize(range(numbers), numbers).count()
print("sum of squares:", context.parallelize(range(numbers), numbers).map(square).sum(), flush=True)
spark.stop()
