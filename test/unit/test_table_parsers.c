#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/list.h"

/* Tables that other people's programs write are read cell by cell as they were meant. */

enum { LINE_SIZE = 4096 };

static const char *const forms[] = {"csv",       "csv-bom", "csv-utf16",   "csv-unix",   "tsv",
                                    "semicolon", "jsonl",   "jsonl-plain", "jsonl-utf16"};
enum { FORMS = sizeof forms / sizeof *forms };

static void close_scratch(char path[])
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
}

/* The script stands beside this file; HAUL_TEST_DIR says so where __FILE__ does not. */
static void find_script(char *path, size_t size)
{
    const char *directory = getenv("HAUL_TEST_DIR"), *slash = strrchr(__FILE__, '/');

    if (directory)
        snprintf(path, size, "%s/write_tables.py", directory);
    else
        snprintf(path, size, "%.*swrite_tables.py", slash ? (int)(slash - __FILE__) + 1 : 0,
                 __FILE__);
}

static void write_table(const char *form, const char *table, const char *originals)
{
    char script[1000];
    int status;
    pid_t child;

    find_script(script, sizeof script);
    child = fork();
    if (child == 0) {
        execlp("python3", "python3", script, form, table, originals, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(status == 0, "write_tables.py %s: status %d (127: no python3)", form,
                  WEXITSTATUS(status));
}

static void add_hex(struct haul_buf *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        haul_buf_addf(to, "%02x", (unsigned)(unsigned char)text[i]);
}

static void tell_row(struct haul_buf *to, const struct haul_list_entry *entry)
{
    const struct haul_entry_options *said = entry->options;

    haul_buf_clear(to);
    if (entry->reason == HAUL_REASON_CONTROL_CHARACTER) {
        haul_buf_add_str(to, "-\n");
        return;
    }
    ck_assert_int_eq(entry->reason, HAUL_REASON_NONE);
    ck_assert_uint_eq(said->attached_count, 2);
    ck_assert_str_eq(said->attached[0].name, "a");
    ck_assert_str_eq(said->attached[1].name, "b");
    add_hex(to, entry->text, entry->len);
    for (size_t i = 0; i < 2; i++) {
        haul_buf_add_char(to, ',');
        add_hex(to, said->attached[i].value, strlen(said->attached[i].value));
    }
    haul_buf_add_char(to, '\n');
}

static void read_table(const char *table, const char *originals)
{
    const struct haul_source source = {HAUL_SOURCE_FILE, table};
    const struct haul_table_form form = {.column = "url"};
    FILE *wanted = fopen(originals, "r");
    struct haul_list_entry entry;
    char line[LINE_SIZE];
    struct haul_buf message, row;
    struct haul_list *list;

    haul_buf_init(&message, 0);
    haul_buf_init(&row, 0);
    ck_assert_int_eq(haul_list_create(&source, 1, &form, NULL, &list, &message), HAUL_OK);
    while (fgets(line, sizeof line, wanted)) {
        ck_assert_int_eq(haul_list_next(list, &entry), HAUL_OK);
        tell_row(&row, &entry);
        ck_assert_str_eq(haul_buf_str(&row), line);
    }
    ck_assert_int_eq(haul_list_next(list, &entry), HAUL_ERR_END);
    haul_list_free(list);
    haul_buf_done(&row);
    haul_buf_done(&message);
    (void)fclose(wanted);
}

START_TEST(hostile_cells_that_python_wrote_are_read_as_they_were)
{
    char table[] = "/tmp/haul-test-XXXXXX", originals[] = "/tmp/haul-test-XXXXXX";

    close_scratch(table);
    close_scratch(originals);
    write_table(forms[_i], table, originals);
    read_table(table, originals);
    unlink(table);
    unlink(originals);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table_parsers");
    TCase *tcase = tcase_create("parsers");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, hostile_cells_that_python_wrote_are_read_as_they_were, 0, FORMS);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
