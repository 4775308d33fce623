# Runs Synapse until standard input ends: then whoever started it is gone, however that came about.
import os, runpy, shutil, signal, sys, threading

folder = sys.argv[1]


def heed():
    while os.read(0, 1):
        os.kill(os.getpid(), signal.SIGTERM)
    # Nobody is left who could remove what lies there. Synapse may be writing a file meanwhile.
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


threading.Thread(target=heed, daemon=True).start()
sys.argv[1:] = ["--config-path", os.path.join(folder, "homeserver.yaml")]
runpy.run_module("synapse.app.homeserver", run_name="__main__", alter_sys=True)
