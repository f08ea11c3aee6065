#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/list.h"

/*
 * How fast tables are read: `bench_table [ROWS [DIRECTORY]]` writes so many rows (a million) of
 * four columns in each form, reads them as a list, and has Python's own parsers, whose core is C,
 * read the same file. One line of figures for each, of processor time, which is what a busy machine
 * does not falsify: rows a second, and how many times those of Python.
 */

static const struct form {
    const char *name, *header, *row;
    const char *python; /* counts the bytes of all URLs of its input */
} forms[] = {
    {"jsonl", "",
     "{\"id\": %llu, \"url\": \"http://host%llu.example.com/path/%llu.html\", "
     "\"category\": \"images/%llu\", \"score\": 0.%llu}\n",
     "import sys, json\nprint(sum(len(json.loads(line)['url']) for line in sys.stdin))"},
    {"csv", "id,url,category,score\n",
     "%llu,http://host%llu.example.com/path/%llu.html,\"images, %llu\",0.%llu\n",
     "import sys, csv\nrows = csv.reader(sys.stdin)\nnext(rows)\n"
     "print(sum(len(row[1]) for row in rows))"},
};

static void fail(const char *what)
{
    fprintf(stderr, "bench_table: %s\n", what);
    exit(3);
}

static double processor_s(int who)
{
    struct rusage usage;

    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void write_rows(const char *path, const struct form *form, unsigned long long count)
{
    FILE *file = fopen(path, "w");

    if (!file)
        fail("cannot write");
    fputs(form->header, file);
    for (unsigned long long i = 0; i < count; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        fprintf(file, form->row, i, i % 1000, i, i % 17, i % 97);
#pragma GCC diagnostic pop
    }
    if (fclose(file))
        fail("cannot write");
}

/* Returns the bytes of all URLs. */
static unsigned long long read_rows(const char *path, unsigned long long count)
{
    const struct haul_source source = {HAUL_SOURCE_FILE, path};
    const struct haul_table_form form = {.column = "url"};
    unsigned long long rows = 0, bytes = 0;
    struct haul_list_entry entry;
    struct haul_buf message;
    struct haul_list *list;

    haul_buf_init(&message, 0);
    if (haul_list_create(&source, 1, &form, NULL, &list, &message))
        fail(haul_buf_str(&message));
    for (; haul_list_next(list, &entry) == HAUL_OK; rows++) {
        if (entry.reason != HAUL_REASON_NONE || entry.options->attached_count != 3)
            fail("a row is not read as it is");
        bytes += entry.len;
    }
    if (rows != count)
        fail("rows are missing");
    haul_list_free(list);
    haul_buf_done(&message);
    return bytes;
}

/* The same, of Python; -1: there is none here. */
static double python_s(const struct form *form, const char *path, unsigned long long bytes)
{
    double begun_s = processor_s(RUSAGE_CHILDREN);
    char said[64] = "";
    FILE *out;
    int fd[2];
    pid_t child;

    if (pipe(fd))
        fail("no pipe");
    child = fork();
    if (child == 0) {
        if (!freopen(path, "r", stdin) || dup2(fd[1], STDOUT_FILENO) < 0)
            _exit(3);
        execlp("python3", "python3", "-c", form->python, (char *)NULL);
        _exit(127);
    }
    close(fd[1]);
    out = fdopen(fd[0], "r");
    if (!out || !fgets(said, sizeof said, out) || strtoull(said, NULL, 10) != bytes)
        said[0] = '\0';
    if (out)
        fclose(out);
    if (child < 0 || waitpid(child, NULL, 0) != child || !said[0])
        return -1;
    return processor_s(RUSAGE_CHILDREN) - begun_s;
}

static void measure(const struct form *form, const char *path, unsigned long long count)
{
    unsigned long long bytes;
    double begun_s, used_s, python;

    write_rows(path, form, count);
    begun_s = processor_s(RUSAGE_SELF);
    bytes = read_rows(path, count);
    used_s = processor_s(RUSAGE_SELF) - begun_s;
    python = python_s(form, path, bytes);
    unlink(path);
    printf("%-6s %9.3f s processor  %10.0f rows/s", form->name, used_s, (double)count / used_s);
    if (python >= 0)
        printf("  Python's parser %9.3f s: %.1f times as fast", python, python / used_s);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const char *directory = argc > 2 ? argv[2] : "/tmp";
    char path[4096];

    snprintf(path, sizeof path, "%s/bench_table.%ld", directory, (long)getpid());
    if (!count)
        fail("at least one row");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        measure(&forms[i], path, count);
    return 0;
}
