"""What haul descends from: a queue, threads, and one request after the other in each of them.

usage: ancestor.py THREADS LIST REPORT

Written as one would for speed: each thread keeps a session, and so its connections.
"""

import queue
import sys
import threading

import requests


def work(jobs, results):
    session = requests.Session()
    session.trust_env = False
    while True:
        url = jobs.get()
        if url is None:
            return
        try:
            answer = session.get(url, timeout=30)
            results.put((url, answer.status_code, len(answer.content)))
        except requests.RequestException as error:
            results.put((url, 0, str(error)))


def main():
    threads, list_path, report_path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    jobs, results = queue.SimpleQueue(), queue.SimpleQueue()
    workers = [threading.Thread(target=work, args=(jobs, results)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    count = 0
    with open(list_path, encoding="ascii") as urls:
        for line in urls:
            jobs.put(line.strip())
            count += 1
    for _ in workers:
        jobs.put(None)
    with open(report_path, "w", encoding="ascii") as report:
        for _ in range(count):
            report.write("%s\t%d\t%s\n" % results.get())
    for worker in workers:
        worker.join()


main()
