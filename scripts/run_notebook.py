"""Runs one notebook with nbclient: python run_notebook.py IN OUT FOLDER

FOLDER is where its cells run.

Deno's kernel sends the result of a quick cell now and then after the message that says the cell is done; nbclient
stops listening at that message. Here it listens for a moment longer.
"""

import asyncio
import pathlib
import sys
from queue import Empty

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError

LINGER_SECONDS = 0.3


class PatientClient(NotebookClient):
    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        done = False
        while True:
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=LINGER_SECONDS if done else None)
            except (Empty, asyncio.TimeoutError):
                return
            if message["parent_header"].get("msg_id") != parent_msg_id:
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                done = True


source, target, folder = map(pathlib.Path, sys.argv[1:])
notebook = nbformat.read(source, as_version=4)
client = PatientClient(notebook, timeout=None, kernel_name="deno", resources={"metadata": {"path": str(folder)}})
try:
    client.execute()
except CellExecutionError as error:
    sys.exit(str(error))
nbformat.write(notebook, target)
