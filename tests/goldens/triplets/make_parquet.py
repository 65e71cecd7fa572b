"""Writes the Parquet files of tests/triplets/, with pyarrow 26.0.1 in an environment of its own:

python -m venv ENV && ENV/bin/pip install pyarrow==26.0.1 && ENV/bin/python tests/goldens/triplets/make_parquet.py
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

here = Path(__file__).parent
rows = 100
columns = {
    "original_prompt": [f"A café in street {i}" for i in range(rows)],
    # Row 5 (counted from 1) says nothing, row 8 has no target.
    "edit_prompt": [None if i == 4 else ["Make it $snow", "as a 水彩 painting"][i % 2] for i in range(rows)],
    "edited_prompt": [None if i == 7 else f"A snowy café in street {i}" for i in range(rows)],
    # The images of the published file: never wanted.
    "original_image": [bytes([i % 256]) * 50 for i in range(rows)],
}
table = pa.table(columns)
for name, options in {
    "snappy": {"compression": "snappy", "row_group_size": 30},
    "zstd": {"compression": "zstd", "row_group_size": 64, "data_page_version": "2.0"},
    "gzip": {"compression": "gzip", "use_dictionary": False},
}.items():
    pq.write_table(table, here / f"{name}.parquet", **options)
