/*
 * main for a fuzz target where there is no fuzzer: `fuzz_x DIRECTORY [ROUNDS]` gives the target
 * every file of its corpus, then ROUNDS inputs made from them by small changes, always the same
 * ones. `fuzz_x FILE` gives it that file and no more.
 *
 * An input that ends the program is left in the file `fuzz_x.failed` of the working directory.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* AddressSanitizer ends the program without a signal, but tells first. Absent without it. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { ROUNDS = 4000, INPUT_MAX = 64 << 10, CHANGES_MAX = 4, CHUNK_MAX = 64 };

struct input {
    uint8_t *bytes;
    size_t size;
};

static struct input *corpus;
static size_t corpus_count;
static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

/* The one that the target works on. */
static struct input current;
static char failed_name[256];

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "replay: %s: ", what);
    perror(name);
    exit(EXIT_FAILURE);
}

/* ---- the failing input ---- */

static void keep_current(void)
{
    static const char message[] = "replay: the input that fails is in ";
    int fd = open(failed_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0 || write(fd, current.bytes, current.size) != (ssize_t)current.size)
        return;
    (void)!write(STDERR_FILENO, message, sizeof message - 1);
    (void)!write(STDERR_FILENO, failed_name, strlen(failed_name));
    (void)!write(STDERR_FILENO, "\n", 1);
}

static void on_fatal(int number)
{
    keep_current();
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_failures(const char *program)
{
    const char *slash = strrchr(program, '/');

    snprintf(failed_name, sizeof failed_name, "%s.failed", slash ? slash + 1 : program);
    signal(SIGABRT, on_fatal);
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(keep_current);
        return;
    }
    signal(SIGSEGV, on_fatal);
    signal(SIGBUS, on_fatal);
    signal(SIGFPE, on_fatal);
}

/* A copy of exactly that size, so that a sanitizer sees every step beyond it. */
static void run(const uint8_t *bytes, size_t size)
{
    current.size = size;
    current.bytes = malloc(size ? size : 1);
    if (!current.bytes)
        fail("no memory", "input");
    if (size)
        memcpy(current.bytes, bytes, size);
    (void)LLVMFuzzerTestOneInput(current.bytes, size);
    free(current.bytes);
    current.bytes = NULL;
}

/* ---- the corpus ---- */

static struct input load(const char *path)
{
    struct input input = {.bytes = malloc(INPUT_MAX)};
    FILE *file = fopen(path, "rb");

    if (!file || !input.bytes)
        fail("cannot read", path);
    input.size = fread(input.bytes, 1, INPUT_MAX, file);
    if (ferror(file))
        fail("cannot read", path);
    fclose(file);
    return input;
}

static void load_corpus(const char *directory)
{
    struct dirent **entry;
    int count = scandir(directory, &entry, NULL, alphasort);

    if (count < 0)
        fail("cannot read", directory);
    corpus = calloc((size_t)count + 1, sizeof *corpus);
    if (!corpus)
        fail("no memory", directory);
    for (int i = 0; i < count; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s", directory, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.')
            corpus[corpus_count++] = load(path);
        free(entry[i]);
    }
    free(entry);
}

static void free_corpus(void)
{
    for (size_t i = 0; i < corpus_count; i++)
        free(corpus[i].bytes);
    free(corpus);
}

/* ---- changes ---- */

/* xorshift64: the same numbers everywhere. Below `limit`, which is not 0. */
static size_t random_below(size_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % limit);
}

static uint8_t random_byte(void)
{
    static const uint8_t telling[] = {0,   1,   0x7f, 0x80, 0xff, '\t', '\n', '\r', ' ', '"', '%',
                                      '+', ',', '-',  '.',  '/',  '0',  '9',  ':',  ';', '@', '\\'};

    return random_below(2) ? telling[random_below(sizeof telling)] : (uint8_t)random_below(256);
}

/* Puts `size` bytes (that are not in `to`) at `at`, as far as there is room. */
static void insert(struct input *to, size_t at, const uint8_t *bytes, size_t size)
{
    if (size > INPUT_MAX - to->size)
        return;
    memmove(to->bytes + at + size, to->bytes + at, to->size - at);
    memcpy(to->bytes + at, bytes, size);
    to->size += size;
}

static void insert_from(struct input *to, const struct input *from)
{
    uint8_t chunk[CHUNK_MAX];
    size_t start, size;

    if (!from->size)
        return;
    start = random_below(from->size);
    size = 1 + random_below(from->size - start);
    if (size > sizeof chunk)
        size = sizeof chunk;
    memcpy(chunk, from->bytes + start, size);
    insert(to, random_below(to->size + 1), chunk, size);
}

static void drop(struct input *from)
{
    size_t at = random_below(from->size), size = 1 + random_below(from->size - at);

    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    memmove(from->bytes + at, from->bytes + at + size, from->size - at - size);
    from->size -= size;
}

static void change(struct input *input)
{
    size_t kind = input->size ? random_below(7) : 6;
    uint8_t byte = random_byte();

    if (kind == 0)
        input->bytes[random_below(input->size)] ^= (uint8_t)(1u << random_below(8));
    else if (kind == 1)
        input->bytes[random_below(input->size)] = byte;
    else if (kind == 2)
        drop(input);
    else if (kind == 3)
        input->size = random_below(input->size);
    else if (kind == 4)
        insert_from(input, input);
    else if (kind == 5)
        insert_from(input, &corpus[random_below(corpus_count)]);
    else
        insert(input, random_below(input->size + 1), &byte, 1);
}

static void run_changed(const struct input *seed)
{
    static uint8_t bytes[INPUT_MAX];
    struct input input = {.bytes = bytes, .size = seed->size};

    memcpy(bytes, seed->bytes, seed->size);
    for (size_t left = 1 + random_below(CHANGES_MAX); left > 0; left--)
        change(&input);
    run(input.bytes, input.size);
}

static int replay_directory(const char *directory, long rounds)
{
    load_corpus(directory);
    if (!corpus_count) {
        fprintf(stderr, "replay: %s: no corpus\n", directory);
        free_corpus();
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < corpus_count; i++)
        run(corpus[i].bytes, corpus[i].size);
    run(NULL, 0);
    for (long i = 0; i < rounds; i++)
        run_changed(&corpus[(size_t)i % corpus_count]);
    printf("%zu files, %ld changed ones\n", corpus_count, rounds);
    free_corpus();
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct stat status;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s DIRECTORY [ROUNDS] | FILE\n", argv[0]);
        return EXIT_FAILURE;
    }
    watch_failures(argv[0]);
    if (stat(argv[1], &status))
        fail("cannot read", argv[1]);
    if (S_ISDIR(status.st_mode))
        return replay_directory(argv[1], argc > 2 ? strtol(argv[2], NULL, 10) : ROUNDS);
    corpus = calloc(1, sizeof *corpus);
    if (!corpus)
        fail("no memory", argv[1]);
    corpus[corpus_count++] = load(argv[1]);
    run(corpus[0].bytes, corpus[0].size);
    free_corpus();
    return EXIT_SUCCESS;
}
