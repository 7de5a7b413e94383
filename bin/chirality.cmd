@echo off
rem The command in VS Code's terminals. CHIRALITY_NODE is set by the extension: a Node, or VS Code itself as one.
setlocal
rem A clone has no program until its first build.
if not exist "%~dp0..\dist\cli.js" (
  echo chirality: "%~dp0..\dist\cli.js" does not exist. Build it: npm run build --prefix "%~dp0.." 1>&2
  exit /b 1
)
set ELECTRON_RUN_AS_NODE=1
if not defined CHIRALITY_NODE set CHIRALITY_NODE=node
"%CHIRALITY_NODE%" "%~dp0..\dist\cli.js" %*
