#!/usr/bin/env python3
# `berth ps` beside `docker ps`, each at its own engine with three running containers: whole processes, in pairs.
# ps-pairs.py DOCKER_SOCKET BERTH_SOCKET BERTH ROOTFS_TAR [PAIRS]     DOCKER: another client than `docker`
import os, shutil, statistics, subprocess, sys, time

docker_socket, berth_socket, berth, rootfs = sys.argv[1:5]
pairs = int(sys.argv[5]) if len(sys.argv) > 5 else 300
docker = shutil.which(os.environ.get('DOCKER', 'docker')) or sys.exit('no docker client')
IMAGE, NAMES = 'ps-pairs:1', ['ps-pairs-%d' % i for i in range(3)]
sides = {'docker': [docker, '-H', 'unix://' + docker_socket], 'berth': [berth, '-H', 'unix://' + berth_socket]}


def run(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def timed(command):
    """Milliseconds from the start of the process to its end; nothing of ours in between."""
    began = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)])
    _, status = os.waitpid(pid, 0)
    took = (time.perf_counter() - began) * 1000
    if status != 0:
        sys.exit('%s ended with %d' % (' '.join(command), status))
    return took


try:
    for client in sides.values():
        run(client + ['import', rootfs, IMAGE])
        for name in NAMES:
            run(client + ['run', '-d', '--network', 'none', '--name', name, IMAGE, 'sleep', '600'])
        shown = run(client + ['ps']).decode()
        if any(name not in shown for name in NAMES):
            sys.exit('not all are listed:\n' + shown)
    for warm in range(10):
        for client in sides.values():
            timed(client + ['ps'])
    times = {side: [] for side in sides}
    for pair in range(pairs):
        # whoever is second finds a warmer machine: in turns
        for side in sorted(sides, reverse=pair % 2 == 1):
            times[side].append(timed(sides[side] + ['ps']))
    ratios = sorted(b / d for b, d in zip(times['berth'], times['docker']))
    print('ps (whole process), ms: docker %.1f, berth %.1f, ratio %.2f (quartiles %.2f-%.2f), %d pairs' % (
        statistics.median(times['docker']), statistics.median(times['berth']), statistics.median(ratios), ratios[pairs // 4], ratios[pairs * 3 // 4], pairs))
finally:
    for client in sides.values():
        subprocess.run(client + ['rm', '-f'] + NAMES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(client + ['rmi', IMAGE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
