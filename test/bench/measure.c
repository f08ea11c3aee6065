/*
 * measure OUT PROGRAM [ARGUMENT...]
 *
 * Runs a program and writes what it took to OUT: wall time in nanoseconds, user and system time in
 * microseconds, peak resident memory in kilobytes, exit status (128+n: killed by signal n).
 *
 * A program of its own because the peak that the kernel reports for a child begins with that of the
 * process it was forked from, and an interpreter has more than many of the programs measured.
 */
#define _DEFAULT_SOURCE /* wait4 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long in_us(struct timeval time)
{
    return time.tv_sec * 1000000LL + time.tv_usec;
}

static int fail(const char *what)
{
    perror(what);
    return 125;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    long long start_ns, wall_ns;
    int status;
    FILE *out;
    pid_t pid;

    if (argc < 3)
        return 125;
    start_ns = now_ns();
    pid = fork();
    if (pid < 0)
        return fail("measure: fork");
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (wait4(pid, &status, 0, &usage) != pid)
        return fail("measure: wait4");
    wall_ns = now_ns() - start_ns;
    out = fopen(argv[1], "w");
    if (!out)
        return fail(argv[1]);
    fprintf(out, "%lld %lld %lld %ld %d\n", wall_ns, in_us(usage.ru_utime), in_us(usage.ru_stime),
            usage.ru_maxrss, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    return fclose(out) ? fail(argv[1]) : 0;
}
