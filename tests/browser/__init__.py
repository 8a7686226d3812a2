"""Tests in a real JupyterLab and a real browser; `rig.py` says how to write one."""
