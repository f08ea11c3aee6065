#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/lines.h"
#include "input/list.h"

/* ---- lines ----------------------------------------------------------------------------------- */

/* Feeds `text` in pieces of `piece` bytes and writes down each entry as "line reason [text]". */
static void split(const char *text, size_t len, size_t piece, struct haul_buf *to)
{
    struct haul_lines lines;
    struct haul_list_entry entry;
    bool finished = false;

    haul_lines_init(&lines);
    for (size_t at = 0; !finished;) {
        size_t n = len - at < piece ? len - at : piece;
        enum haul_err err;

        if (n)
            haul_feed_add(&lines.feed, text + at, n);
        else
            haul_feed_finish(&lines.feed);
        finished = n == 0;
        at += n;
        while ((err = haul_lines_next(&lines, &entry)) == HAUL_OK) {
            haul_buf_addf(to, "%llu %d [", (unsigned long long)entry.line, (int)entry.reason);
            haul_buf_add(to, entry.text, entry.len);
            haul_buf_add_str(to, "]");
            ck_assert_ptr_null(entry.source);
        }
        ck_assert_int_eq(err, HAUL_ERR_END);
        ck_assert_int_eq(haul_lines_next(&lines, &entry), HAUL_ERR_END);
    }
    haul_lines_done(&lines);
}

#define CC "26" /* HAUL_REASON_CONTROL_CHARACTER, see reasons_have_expected_numbers */

static const struct {
    const char *text, *entries;
} plain[] = {
    {"", ""},
    {"\n", ""},
    {"\n\n \t\n\r\n", ""},
    {"a", "1 0 [a]"},
    {"a\n", "1 0 [a]"},
    {"a\nb", "1 0 [a]2 0 [b]"},
    {"a\r\nb\r\n", "1 0 [a]2 0 [b]"},
    {"a\n\n\nb\n", "1 0 [a]4 0 [b]"},
    {"# a\nb\n  #c\n#\n", "2 0 [b]"},
    {"b#c\n", "1 0 [b#c]"},
    {"  a \t\n\tb  \r\n", "1 0 [a]2 0 [b]"},
    {"a b\n", "1 0 [a b]"},
    {"\xef\xbb\xbf"
     "a\nb\n",
     "1 0 [a]2 0 [b]"},
    {"\xef\xbb\xbf", ""},
    {"\xef\xbb\xbf\n", ""},
    {"\xef\xbb\xbf# a\nb", "2 0 [b]"},
    {"a\n\xef\xbb\xbf"
     "b",
     "1 0 [a]2 0 [\xef\xbb\xbf"
     "b]"},
    {"\xef\xbb", "1 0 [\xef\xbb]"},
    {"-o\n--help\n", "1 0 [-o]2 0 [--help]"},
    {"a\tb\n", "1 " CC " [a\tb]"},
    {"a\rb\n", "1 " CC " [a\rb]"},
    {"\ra\n", "1 " CC " [\ra]"},
    {"a\033[31m\n", "1 " CC " [a\033[31m]"},
    {"a\177\n", "1 " CC " [a\177]"},
    {"a\001\nb", "1 " CC " [a\001]2 0 [b]"},
    {"12345678\0371234567\n", "1 " CC " [12345678\0371234567]"},
    {"1234567\0378\n", "1 " CC " [1234567\0378]"},
    {"# \001\n", ""},
    {"\xc3\xa4\xff\x80\xa0 ~\n", "1 0 [\xc3\xa4\xff\x80\xa0 ~]"},
    {"\x80\x81\x9f\xa0\xff\xfe\xdf\xc0\n", "1 0 [\x80\x81\x9f\xa0\xff\xfe\xdf\xc0]"},
};

START_TEST(reasons_have_expected_numbers)
{
    ck_assert_int_eq(HAUL_REASON_CONTROL_CHARACTER, atoi(CC));
}
END_TEST

START_TEST(list_in_pieces_of_any_size_gives_same_entries)
{
    const char *text = plain[_i].text;

    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        struct haul_buf got;

        haul_buf_init(&got, 0);
        split(text, strlen(text), piece, &got);
        ck_assert_str_eq(haul_buf_str(&got), plain[_i].entries);
        haul_buf_done(&got);
    }
}
END_TEST

START_TEST(every_control_byte_is_found_at_every_place)
{
    for (int byte = 0; byte < 256; byte++) {
        bool control = byte < 0x20 || byte == 0x7f;

        for (size_t at = 1; at < 18; at++) {
            char line[20] = "aaaaaaaaaaaaaaaaaaa";
            struct haul_list_entry entry;

            if (byte == '#')
                continue;
            line[at] = (char)byte;
            ck_assert(haul_lines_classify(line, 19, &entry));
            ck_assert_int_eq(entry.reason,
                             control ? HAUL_REASON_CONTROL_CHARACTER : HAUL_REASON_NONE);
            ck_assert_uint_eq(entry.len, 19);
        }
    }
}
END_TEST

/* A first line of `before`, `len` times 'a' and `after`; then the line "b". */
static void assert_long_line(const char *before, size_t len, const char *after, bool too_long)
{
    static const size_t pieces[] = {997, 4096, 65536, 65541, 1000000};
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, before);
    haul_buf_pad(&text, 'a', len);
    haul_buf_add_str(&text, after);
    haul_buf_add_str(&text, "\nb\n");
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct haul_buf got;
        size_t expected = too_long ? HAUL_LINE_EXCERPT_MAX : len;

        haul_buf_init(&got, 0);
        split(text.data, text.len, pieces[i], &got);
        ck_assert_uint_eq(got.len, strlen("1 0 []2 0 [b]") + too_long + expected);
        ck_assert_int_eq(strncmp(got.data, too_long ? "1 27 [a" : "1 0 [a", too_long ? 7 : 6), 0);
        ck_assert_str_eq(got.data + got.len - 8, "]2 0 [b]");
        haul_buf_done(&got);
    }
    haul_buf_done(&text);
}

START_TEST(line_of_longest_length_is_whole)
{
    assert_long_line("", HAUL_LINE_MAX, "", false);
    assert_long_line("", HAUL_LINE_MAX, "\r", false);
    assert_long_line("\xef\xbb\xbf", HAUL_LINE_MAX, "\r", false);
    assert_long_line(" ", HAUL_LINE_MAX - 1, "", false);
}
END_TEST

START_TEST(line_over_longest_length_is_cut_and_next_is_whole)
{
    ck_assert_int_eq(HAUL_REASON_LINE_TOO_LONG, 27);
    assert_long_line("", HAUL_LINE_MAX + 1, "", true);
    assert_long_line("", HAUL_LINE_MAX, " ", true);
    assert_long_line("", HAUL_LINE_MAX, "\r\r", true);
    assert_long_line("", HAUL_LINE_MAX + 1, "\r", true);
    assert_long_line("\xef\xbb\xbf", HAUL_LINE_MAX + 1, "", true);
    assert_long_line("\xef\xbb\xbf", HAUL_LINE_MAX + 1, "\r", true);
    assert_long_line(" \t", HAUL_LINE_MAX, "", true);
    assert_long_line("", 1000000, "", true);
}
END_TEST

START_TEST(long_comment_is_no_entry)
{
    struct haul_buf text, got;

    haul_buf_init(&text, 0);
    haul_buf_init(&got, 0);
    haul_buf_add_str(&text, "  #");
    haul_buf_pad(&text, 'a', 200000);
    haul_buf_add_str(&text, "\nb");
    split(text.data, text.len, 4096, &got);
    ck_assert_str_eq(got.data, "2 0 [b]");
    haul_buf_done(&got);
    haul_buf_done(&text);
}
END_TEST

START_TEST(endless_line_holds_bounded_memory)
{
    static char piece[65536];
    struct haul_lines lines;
    struct haul_list_entry entry;

    memset(piece, 'a', sizeof piece);
    haul_lines_init(&lines);
    for (int i = 0; i < 1000; i++) {
        haul_feed_add(&lines.feed, piece, sizeof piece);
        ck_assert_int_eq(haul_lines_next(&lines, &entry), HAUL_ERR_END);
        ck_assert_uint_le(lines.held.cap, 4 * HAUL_LINE_MAX);
    }
    haul_lines_done(&lines);
}
END_TEST

START_TEST(nul_inside_line_is_control_character)
{
    struct haul_buf got;

    haul_buf_init(&got, 0);
    split("a\0b\nc", 5, 2, &got);
    ck_assert_uint_eq(got.len, 17);
    ck_assert_mem_eq(got.data, "1 " CC " [a\0b]2 0 [c]", 17);
    haul_buf_done(&got);
}
END_TEST

/* ---- lists ----------------------------------------------------------------------------------- */

static char directory[] = "/tmp/haul-test-list-XXXXXX";
static struct haul_buf message;

static void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    haul_buf_init(&message, 0);
}

static void leave_directory(void)
{
    char command[64];

    haul_buf_done(&message);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static struct haul_list *create(const struct haul_source *source, size_t count)
{
    struct haul_list *list = NULL;

    ck_assert_int_eq(haul_list_create(source, count, NULL, &list, &message), HAUL_OK);
    ck_assert_ptr_nonnull(list);
    ck_assert_uint_eq(message.len, 0);
    return list;
}

static void assert_entry(struct haul_list *list, const char *source, uint64_t line,
                         const char *text)
{
    struct haul_list_entry entry;

    ck_assert_int_eq(haul_list_next(list, &entry), HAUL_OK);
    if (source)
        ck_assert_str_eq(entry.source, source);
    else
        ck_assert_ptr_null(entry.source);
    ck_assert_uint_eq(entry.line, line);
    ck_assert_uint_eq(entry.len, strlen(text));
    ck_assert_mem_eq(entry.text, text, entry.len);
}

static void assert_next(struct haul_list *list, enum haul_err expected)
{
    struct haul_list_entry entry;

    ck_assert_int_eq(haul_list_next(list, &entry), expected);
}

START_TEST(sources_are_read_in_order)
{
    static const struct haul_source source[] = {
        {HAUL_SOURCE_URL, " http://x/ "}, {HAUL_SOURCE_FILE, "a"}, {HAUL_SOURCE_FILE, "empty"},
        {HAUL_SOURCE_URL, "#"},           {HAUL_SOURCE_FILE, "b"}, {HAUL_SOURCE_URL, ""},
        {HAUL_SOURCE_URL, "-"},           {HAUL_SOURCE_FILE, "a"},
    };
    struct haul_list *list;

    write_file("a", "\xef\xbb\xbf"
                    "1\n#\n2");
    write_file("empty", "");
    write_file("b", "\xef\xbb\xbf"
                    "3\n");
    list = create(source, 8);
    assert_entry(list, NULL, 1, "http://x/");
    assert_entry(list, "a", 1, "1");
    assert_entry(list, "a", 3, "2");
    assert_entry(list, NULL, 2, "#");
    assert_entry(list, "b", 1, "3");
    assert_entry(list, NULL, 3, "");
    assert_entry(list, NULL, 4, "-");
    assert_entry(list, "a", 1, "1");
    assert_entry(list, "a", 3, "2");
    assert_next(list, HAUL_ERR_END);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(no_source_ends_at_once)
{
    struct haul_list *list = create(NULL, 0);

    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
    haul_list_free(NULL);
}
END_TEST

START_TEST(large_list_is_read_whole)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "large"}};
    FILE *file = fopen("large", "w");
    struct haul_list *list;

    ck_assert_ptr_nonnull(file);
    for (int i = 1; i <= 100000; i++)
        fprintf(file, "http://example.com/%d\n", i);
    ck_assert_int_eq(fclose(file), 0);
    list = create(source, 1);
    for (uint64_t i = 1; i <= 100000; i++) {
        char text[64];

        snprintf(text, sizeof text, "http://example.com/%d", (int)i);
        assert_entry(list, "large", i, text);
    }
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(unusable_source_is_usage_error_that_names_it)
{
    static const struct {
        const char *name, *message;
    } row[] = {
        {"missing", "missing: cannot be read as a list: No such file or directory"},
        {"dir", "dir: cannot be read as a list: Is a directory"},
        {"", ": cannot be read as a list: No such file or directory"},
        {"a/b", "a/b: cannot be read as a list: Not a directory"},
        {"loop", "loop: cannot be read as a list: Too many levels of symbolic links"},
    };

    write_file("a", "1");
    ck_assert_int_eq(mkdir("dir", 0700), 0);
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct haul_source source[] = {{HAUL_SOURCE_FILE, "a"}, {HAUL_SOURCE_FILE, row[i].name}};
        struct haul_list *list = NULL;

        haul_buf_clear(&message);
        ck_assert_int_eq(haul_list_create(source, 2, NULL, &list, &message), HAUL_ERR_USAGE);
        ck_assert_ptr_null(list);
        ck_assert_str_eq(haul_buf_str(&message), row[i].message);
    }
}
END_TEST

START_TEST(unreadable_file_is_usage_error)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "secret"}};
    struct haul_list *list = NULL;

    write_file("secret", "1");
    ck_assert_int_eq(chmod("secret", 0), 0);
    ck_assert_int_eq(chmod(".", 0755), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0); /* root may read everything */
    ck_assert_int_eq(haul_list_create(source, 1, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&message), "secret: cannot be read as a list: Permission denied");
    ck_assert_int_eq(getuid() == 0 ? seteuid(0) : 0, 0);
}
END_TEST

START_TEST(standard_input_twice_is_usage_error)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "-"}, {HAUL_SOURCE_FILE, "-"}};
    struct haul_list *list = NULL;

    ck_assert_int_eq(haul_list_create(source, 2, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "only once"));
}
END_TEST

START_TEST(standard_input_that_is_directory_or_closed_is_usage_error)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "-"}};
    struct haul_list *list = NULL;
    int fd = open(".", O_RDONLY | O_CLOEXEC);

    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(haul_list_create(source, 1, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&message),
                     "standard input: cannot be read as a list: Is a directory");
    close(STDIN_FILENO);
    haul_buf_clear(&message);
    ck_assert_int_eq(haul_list_create(source, 1, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&message),
                     "standard input: cannot be read as a list: Bad file descriptor");
    close(fd);
}
END_TEST

START_TEST(file_gone_after_check_is_error_and_next_source_is_read)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "gone"},
                                                {HAUL_SOURCE_FILE, "a"}};
    struct haul_list *list;

    write_file("gone", "1\n");
    write_file("a", "2\n");
    list = create(source, 2);
    ck_assert_int_eq(unlink("gone"), 0);
    assert_next(list, HAUL_ERR_IO);
    ck_assert_str_eq(haul_list_message(list), "gone: cannot be opened: No such file or directory; "
                                              "the rest of this list is skipped");
    assert_entry(list, "a", 1, "2");
    ck_assert_str_eq(haul_list_message(list), "");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(file_that_became_directory_is_error)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "a"}};
    struct haul_list *list;

    write_file("a", "1\n");
    list = create(source, 1);
    ck_assert_int_eq(unlink("a"), 0);
    ck_assert_int_eq(mkdir("a", 0700), 0);
    assert_next(list, HAUL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(haul_list_message(list), "Is a directory"));
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

/* /proc/self/mem can be opened, but nothing is mapped at 0: its first read is EIO. */
START_TEST(read_error_names_file_and_cause)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "/proc/self/mem"}};
    struct haul_list *list = create(source, 1);

    assert_next(list, HAUL_ERR_IO);
    ck_assert_str_eq(haul_list_message(list), "/proc/self/mem: reading failed: Input/output error; "
                                              "the rest of this list is skipped");
    haul_list_free(list);
}
END_TEST

START_TEST(thousands_of_files_need_few_descriptors)
{
    enum { FILES = 2000 };
    static struct haul_source source[FILES];
    static char names[FILES][16];
    struct rlimit limit = {32, 32};
    struct haul_list *list;

    for (int i = 0; i < FILES; i++) {
        snprintf(names[i], sizeof names[i], "f%d", i);
        source[i] = (struct haul_source){HAUL_SOURCE_FILE, names[i]};
        write_file(names[i], "x");
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    list = create(source, FILES);
    for (int i = 0; i < FILES; i++)
        assert_entry(list, names[i], 1, "x");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(no_descriptor_left_is_system_error)
{
    struct rlimit before, none;
    struct haul_list *list = NULL;
    enum haul_err err;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){3, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    err = haul_list_create(NULL, 0, NULL, &list, &message);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(err, HAUL_ERR_SYSTEM);
    ck_assert_ptr_null(list);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "no descriptor left"));
}
END_TEST

START_TEST(list_leaves_no_descriptor_open)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "a"}, {HAUL_SOURCE_FILE, "a"}};
    int before = dup(0), after;
    struct haul_list *list;

    close(before);
    write_file("a", "1\n2\n");
    list = create(source, 2);
    for (int i = 0; i < 3; i++)
        assert_next(list, HAUL_OK);
    haul_list_free(list);
    after = dup(0);
    ck_assert_int_eq(after, before);
    close(after);
}
END_TEST

/* ---- pipes ----------------------------------------------------------------------------------- */

static int writer;

/* Puts a pipe in the place of standard input; `writer` is its other end. */
static void enter_pipe(void)
{
    int ends[2];

    enter_directory();
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    writer = ends[1];
}

static void send_text(const char *text)
{
    ck_assert_int_eq(write(writer, text, strlen(text)), (ssize_t)strlen(text));
}

static const struct haul_source pipe_then_file[] = {{HAUL_SOURCE_FILE, "-"},
                                                    {HAUL_SOURCE_FILE, "a"}};

START_TEST(pipe_gives_lines_as_they_arrive)
{
    struct haul_list *list = create(pipe_then_file, 1);

    send_text("1\n2\n3");
    assert_entry(list, "-", 1, "1");
    assert_entry(list, "-", 2, "2");
    send_text("4\n");
    assert_entry(list, "-", 3, "34");
    send_text("5");
    close(writer);
    assert_entry(list, "-", 4, "5");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(standard_input_stays_open_and_blocking)
{
    struct haul_list *list = create(pipe_then_file, 1);

    close(writer);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
}
END_TEST

START_TEST(nonblocking_standard_input_is_waited_for)
{
    struct haul_list *list = create(pipe_then_file, 1);

    ck_assert_int_eq(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), 0);
    send_text("1\n");
    assert_entry(list, "-", 1, "1");
    close(writer);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(interrupt_gives_what_was_read_then_closed_then_files)
{
    struct haul_list *list;

    write_file("a", "x\ny\n");
    list = create(pipe_then_file, 2);
    send_text("1\n2\nhalf");
    assert_entry(list, "-", 1, "1");
    haul_list_interrupt(list, false);
    send_text("late\n");
    assert_entry(list, "-", 2, "2");
    assert_next(list, HAUL_ERR_CLOSED);
    ck_assert_str_eq(haul_list_message(list), "");
    assert_entry(list, "a", 1, "x");
    assert_entry(list, "a", 2, "y");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(abort_closes_at_once_and_for_good)
{
    struct haul_list *list;

    write_file("a", "x\ny\n");
    list = create(pipe_then_file + 1, 1);
    assert_entry(list, "a", 1, "x");
    haul_list_interrupt(list, true);
    assert_next(list, HAUL_ERR_CLOSED);
    haul_list_interrupt(list, false);
    assert_next(list, HAUL_ERR_CLOSED);
    haul_list_free(list);
}
END_TEST

START_TEST(interrupt_many_times_never_blocks)
{
    struct haul_list *list = create(pipe_then_file, 1);

    errno = 4711;
    for (int i = 0; i < 200000; i++)
        haul_list_interrupt(list, false);
    ck_assert_int_eq(errno, 4711);
    assert_next(list, HAUL_ERR_CLOSED);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

/* Whether the main thread sleeps in the kernel: the state letter of its line in /proc. */
static bool main_thread_sleeps(void)
{
    char text[512] = "";
    FILE *file;
    const char *after_name;

    snprintf(text, sizeof text, "/proc/self/task/%d/stat", (int)getpid());
    file = fopen(text, "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    after_name = strrchr(text, ')');
    return after_name && after_name[2] == 'S';
}

struct waker {
    struct haul_list *list;
    bool abort;
};

static void *interrupt_sleeper(void *arg)
{
    const struct waker *waker = arg;
    int seen = 0;

    while (seen < 1000)
        seen = main_thread_sleeps() ? seen + 1 : 0;
    haul_list_interrupt(waker->list, waker->abort);
    return NULL;
}

START_TEST(interrupt_from_other_thread_ends_wait)
{
    struct waker waker = {create(pipe_then_file, 1), _i == 1};
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_sleeper, &waker), 0);
    assert_next(waker.list, HAUL_ERR_CLOSED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_next(waker.list, waker.abort ? HAUL_ERR_CLOSED : HAUL_ERR_END);
    haul_list_free(waker.list);
}
END_TEST

static struct haul_list *signalled;

static void on_alarm(int number)
{
    (void)number;
    haul_list_interrupt(signalled, false);
}

START_TEST(interrupt_from_signal_handler_ends_wait)
{
    struct sigaction action = {.sa_handler = on_alarm};

    signalled = create(pipe_then_file, 1);
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    alarm(1);
    assert_next(signalled, HAUL_ERR_CLOSED);
    haul_list_free(signalled);
}
END_TEST

START_TEST(fifo_without_writer_is_waited_for_and_interrupted)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "fifo"}};
    struct waker waker = {NULL, false};
    pthread_t thread;

    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    waker.list = create(source, 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_sleeper, &waker), 0);
    assert_next(waker.list, HAUL_ERR_CLOSED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    haul_list_free(waker.list);
}
END_TEST

START_TEST(fifo_gives_what_its_writer_sends)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "fifo"}};
    struct haul_list *list;
    pid_t child;

    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    list = create(source, 1);
    child = fork();
    if (child == 0) {
        int fd = open("fifo", O_WRONLY | O_CLOEXEC);

        _exit(write(fd, "1\n2", 3) != 3);
    }
    assert_entry(list, "fifo", 1, "1");
    assert_entry(list, "fifo", 2, "2");
    assert_next(list, HAUL_ERR_END);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    haul_list_free(list);
}
END_TEST

START_TEST(standard_input_that_is_file_is_read_to_end_when_interrupted)
{
    struct haul_list *list;
    int fd;

    write_file("a", "1\n2\n");
    fd = open("a", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    list = create(pipe_then_file, 1);
    haul_list_interrupt(list, false);
    assert_entry(list, "-", 1, "1");
    assert_entry(list, "-", 2, "2");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(device_without_bytes_ends)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "/dev/null"}};
    struct haul_list *list = create(source, 1);

    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

static TCase *lines_cases(void)
{
    TCase *tc = tcase_create("lines");

    tcase_add_test(tc, reasons_have_expected_numbers);
    tcase_add_loop_test(tc, list_in_pieces_of_any_size_gives_same_entries, 0, COUNT(plain));
    tcase_add_test(tc, every_control_byte_is_found_at_every_place);
    tcase_add_test(tc, line_of_longest_length_is_whole);
    tcase_add_test(tc, line_over_longest_length_is_cut_and_next_is_whole);
    tcase_add_test(tc, long_comment_is_no_entry);
    tcase_add_test(tc, endless_line_holds_bounded_memory);
    tcase_add_test(tc, nul_inside_line_is_control_character);
    return tc;
}

static TCase *list_cases(void)
{
    TCase *tc = tcase_create("list");

    tcase_add_checked_fixture(tc, enter_directory, leave_directory);
    tcase_add_test(tc, sources_are_read_in_order);
    tcase_add_test(tc, no_source_ends_at_once);
    tcase_add_test(tc, large_list_is_read_whole);
    tcase_add_test(tc, unusable_source_is_usage_error_that_names_it);
    tcase_add_test(tc, unreadable_file_is_usage_error);
    tcase_add_test(tc, standard_input_twice_is_usage_error);
    tcase_add_test(tc, standard_input_that_is_directory_or_closed_is_usage_error);
    tcase_add_test(tc, file_gone_after_check_is_error_and_next_source_is_read);
    tcase_add_test(tc, file_that_became_directory_is_error);
    tcase_add_test(tc, read_error_names_file_and_cause);
    tcase_add_test(tc, thousands_of_files_need_few_descriptors);
    tcase_add_test(tc, no_descriptor_left_is_system_error);
    tcase_add_test(tc, list_leaves_no_descriptor_open);
    return tc;
}

static TCase *pipe_cases(void)
{
    TCase *tc = tcase_create("pipe");

    tcase_add_checked_fixture(tc, enter_pipe, leave_directory);
    tcase_add_test(tc, pipe_gives_lines_as_they_arrive);
    tcase_add_test(tc, standard_input_stays_open_and_blocking);
    tcase_add_test(tc, nonblocking_standard_input_is_waited_for);
    tcase_add_test(tc, interrupt_gives_what_was_read_then_closed_then_files);
    tcase_add_test(tc, abort_closes_at_once_and_for_good);
    tcase_add_test(tc, interrupt_many_times_never_blocks);
    tcase_add_loop_test(tc, interrupt_from_other_thread_ends_wait, 0, 2);
    tcase_add_test(tc, interrupt_from_signal_handler_ends_wait);
    tcase_add_test(tc, fifo_without_writer_is_waited_for_and_interrupted);
    tcase_add_test(tc, fifo_gives_what_its_writer_sends);
    tcase_add_test(tc, standard_input_that_is_file_is_read_to_end_when_interrupted);
    tcase_add_test(tc, device_without_bytes_ends);
    return tc;
}

static Suite *suite(void)
{
    Suite *s = suite_create("list");

    suite_add_tcase(s, lines_cases());
    suite_add_tcase(s, list_cases());
    suite_add_tcase(s, pipe_cases());
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    int failures;

    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
