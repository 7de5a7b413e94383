@echo off
rem The command in VS Code's terminals. CHIRALITY_NODE is set by the extension: a Node, or VS Code itself as one.
setlocal
set ELECTRON_RUN_AS_NODE=1
if not defined CHIRALITY_NODE set CHIRALITY_NODE=node
"%CHIRALITY_NODE%" "%~dp0..\dist\cli.js" %*
