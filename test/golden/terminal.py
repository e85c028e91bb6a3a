# A person at a terminal: terminal.py [EXPECT SEND]... -- COMMAND...
# Sends SEND (\n, \xNN) once EXPECT has been printed since the last; prints all that was shown, without colours and
# cursor movements, and ends as the command did.
import fcntl, os, re, select, signal, struct, sys, termios, time

split = sys.argv.index("--")
pairs = sys.argv[1:split]
script = [(pairs[i].encode(), pairs[i + 1].encode().decode("unicode_escape").encode("latin1")) for i in range(0, split - 1, 2)]
command = sys.argv[split + 1:]

pid, terminal = os.forkpty()
if pid == 0:
    for attempt in range(200):  # the size must be there before the command asks for it
        if struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))[0]:
            break
        time.sleep(0.01)
    os.environ["TERM"] = "xterm"
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

shown, seen, end = b"", 0, time.monotonic() + 40
while True:
    ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
    if not ready:
        os.kill(pid, signal.SIGKILL)
        sys.stderr.write("terminal: waited in vain for %r\n" % (script[0][0] if script else b"the end"))
        break
    try:
        data = os.read(terminal, 65536)
    except OSError:  # EIO: the last one has closed it
        break
    if not data:
        break
    shown += data
    if script and script[0][0] in shown[seen:]:
        seen = len(shown)
        os.write(terminal, script.pop(0)[1])
_, status = os.waitpid(pid, 0)
text = re.sub(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>]|\r", b"", shown)
# a shell draws its prompt again when the size changes, which may come a moment after its start
text = re.sub(rb"(?m)^(/ # ){2,}", b"/ # ", text)
text = re.sub(rb"(?m)^BusyBox .*$", b"BusyBox", text)
text = re.sub(rb"(/\S* [#$] )\1+", rb"\1", text)  # drawn again for a new size
sys.stdout.buffer.write(text)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
