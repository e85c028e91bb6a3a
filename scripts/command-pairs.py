#!/usr/bin/env python3
# Whole processes, in pairs: `berth ps` beside `docker ps`, each at its own engine with three running containers; and
# `docker run --rm --network none … true`, the same client at both engines.
# command-pairs.py DOCKER_SOCKET BERTH_SOCKET BERTH ROOTFS_TAR     DOCKER: another client than `docker`
import os, shutil, statistics, subprocess, sys, time

docker_socket, berth_socket, berth, rootfs = sys.argv[1:5]
docker = shutil.which(os.environ.get('DOCKER', 'docker')) or sys.exit('no docker client')
IMAGE, NAMES = 'pairs:1', ['pairs-%d' % i for i in range(3)]
sides = {'docker': [docker, '-H', 'unix://' + docker_socket], 'berth': [berth, '-H', 'unix://' + berth_socket]}
same_client = {'docker': sides['docker'], 'berth': [docker, '-H', 'unix://' + berth_socket]}


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


def compare(what, clients, words, pairs):
    for _ in range(5):
        for client in clients.values():
            timed(client + words)
    times = {side: [] for side in clients}
    for pair in range(pairs):
        # whoever is second finds a warmer machine: in turns
        for side in sorted(clients, reverse=pair % 2 == 1):
            times[side].append(timed(clients[side] + words))
    ratios = sorted(b / d for b, d in zip(times['berth'], times['docker']))
    print('%s, whole process, ms: docker %.1f, berth %.1f, ratio %.2f (quartiles %.2f-%.2f), %d pairs' % (
        what, statistics.median(times['docker']), statistics.median(times['berth']), statistics.median(ratios), ratios[pairs // 4], ratios[pairs * 3 // 4], pairs))


try:
    for client in sides.values():
        run(client + ['import', rootfs, IMAGE])
    compare('run --rm, no network, docker client', same_client, ['run', '--rm', '--network', 'none', IMAGE, 'true'], 25)
    for client in sides.values():
        for name in NAMES:
            run(client + ['run', '-d', '--network', 'none', '--name', name, IMAGE, 'sleep', '600'])
        shown = run(client + ['ps']).decode()
        if any(name not in shown for name in NAMES):
            sys.exit('not all are listed:\n' + shown)
    compare('ps', sides, ['ps'], 300)
finally:
    for client in sides.values():
        subprocess.run(client + ['rm', '-f'] + NAMES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(client + ['rmi', IMAGE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
