"""Runs a notebook in the current folder and prints its cells' outputs as JSON: python run_notebook.py NOTEBOOK."""

import json
import sys

import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300).execute()
print(json.dumps([cell.outputs for cell in notebook.cells if cell.cell_type == "code"]))
