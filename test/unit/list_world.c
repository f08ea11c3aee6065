#include "list_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/haul-test-list-XXXXXX";
struct haul_buf message;

void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    haul_buf_init(&message, 0);
}

void leave_directory(void)
{
    char command[64];

    haul_buf_done(&message);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

struct haul_list *create(const struct haul_source *source, size_t count)
{
    struct haul_list *list = NULL;

    ck_assert_int_eq(haul_list_create(source, count, NULL, NULL, &list, &message), HAUL_OK);
    ck_assert_ptr_nonnull(list);
    ck_assert_uint_eq(message.len, 0);
    return list;
}

void assert_entry(struct haul_list *list, const char *source, uint64_t line, const char *text)
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

void assert_next(struct haul_list *list, enum haul_err expected)
{
    struct haul_list_entry entry;

    ck_assert_int_eq(haul_list_next(list, &entry), expected);
}

void assert_nothing(struct haul_list *list, const char *words)
{
    assert_next(list, HAUL_ERR_AGAIN);
    ck_assert_str_eq(haul_list_nothing(list), words);
    ck_assert_str_eq(haul_list_warning(list), "");
}
