# Makes a double click on .heapsnapshot and .heaptimeline files open Heapglass, for this user:
#
#   powershell -ExecutionPolicy Bypass -File associate.ps1 C:\path\to\heapglass.exe
param([Parameter(Mandatory)][string]$Program)
$ErrorActionPreference = 'Stop'
$exe = (Resolve-Path -LiteralPath $Program).Path
$classes = 'HKCU:\Software\Classes'

function Set-Default([string]$Key, [string]$Value) {
    New-Item -Path $Key -Force | Out-Null
    Set-Item -LiteralPath $Key -Value $Value
}

foreach ($kind in @{ heapsnapshot = 'V8 heap snapshot'; heaptimeline = 'V8 allocation timeline' }.GetEnumerator()) {
    $id = "Heapglass.$($kind.Key)"
    Set-Default "$classes\$id" $kind.Value
    Set-Default "$classes\$id\DefaultIcon" "`"$exe`",0"
    Set-Default "$classes\$id\shell\open\command" "`"$exe`" `"%1`""
    Set-Default "$classes\.$($kind.Key)" $id
}
