"""Records of a file of events as the tensorboard package writes them, for tests/report/event_file_test.ts.

Needs an environment of its own: pip install tensorboard==2.21.0
"""

import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

values = [Summary.Value(tag="train/loss", simple_value=2.7310257), Summary.Value(tag="validation/R@1", simple_value=75)]
for event in (
    Event(wall_time=0, file_version="brain.Event:2"),
    Event(wall_time=5.808, step=300, summary=Summary(value=values)),
):
    file = io.BytesIO()
    RecordWriter(file).write(event.SerializeToString())
    print(file.getvalue().hex())
