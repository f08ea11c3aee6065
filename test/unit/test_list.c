#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "list_world.h"

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
    ck_assert_str_eq(haul_list_nothing(list), "");
    assert_nothing(list, "empty: no URL was found in it: it is empty");
    assert_entry(list, NULL, 2, "#");
    ck_assert_str_eq(haul_list_nothing(list), "");
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
        ck_assert_int_eq(haul_list_create(source, 2, NULL, NULL, &list, &message), HAUL_ERR_USAGE);
        ck_assert_ptr_null(list);
        ck_assert_str_eq(haul_buf_str(&message), row[i].message);
    }
}
END_TEST

/* A host without a scheme is the name of a file to --sitemap. */
START_TEST(sitemap_that_is_no_file_says_what_a_url_is)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_SITEMAP, "example.com"}};
    struct haul_list *list = NULL;

    ck_assert_int_eq(haul_list_create(source, 1, NULL, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&message),
                     "example.com: cannot be read as a sitemap (a URL begins with http:// or "
                     "https://): No such file or directory");
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
    ck_assert_int_eq(haul_list_create(source, 1, NULL, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&message), "secret: cannot be read as a list: Permission denied");
    ck_assert_int_eq(getuid() == 0 ? seteuid(0) : 0, 0);
}
END_TEST

START_TEST(standard_input_twice_is_usage_error)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "-"}, {HAUL_SOURCE_FILE, "-"}};
    struct haul_list *list = NULL;

    ck_assert_int_eq(haul_list_create(source, 2, NULL, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "only once"));
}
END_TEST

START_TEST(standard_input_that_is_directory_or_closed_is_usage_error)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "-"}};
    struct haul_list *list = NULL;
    int fd = open(".", O_RDONLY | O_CLOEXEC);

    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(haul_list_create(source, 1, NULL, NULL, &list, &message), HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&message),
                     "standard input: cannot be read as a list: Is a directory");
    close(STDIN_FILENO);
    haul_buf_clear(&message);
    ck_assert_int_eq(haul_list_create(source, 1, NULL, NULL, &list, &message), HAUL_ERR_USAGE);
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
    err = haul_list_create(NULL, 0, NULL, NULL, &list, &message);
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

int main(void)
{
    Suite *suite = suite_create("list");
    TCase *tcase = tcase_create("list");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, enter_directory, leave_directory);
    tcase_add_test(tcase, sources_are_read_in_order);
    tcase_add_test(tcase, no_source_ends_at_once);
    tcase_add_test(tcase, large_list_is_read_whole);
    tcase_add_test(tcase, unusable_source_is_usage_error_that_names_it);
    tcase_add_test(tcase, sitemap_that_is_no_file_says_what_a_url_is);
    tcase_add_test(tcase, unreadable_file_is_usage_error);
    tcase_add_test(tcase, standard_input_twice_is_usage_error);
    tcase_add_test(tcase, standard_input_that_is_directory_or_closed_is_usage_error);
    tcase_add_test(tcase, file_gone_after_check_is_error_and_next_source_is_read);
    tcase_add_test(tcase, file_that_became_directory_is_error);
    tcase_add_test(tcase, read_error_names_file_and_cause);
    tcase_add_test(tcase, thousands_of_files_need_few_descriptors);
    tcase_add_test(tcase, no_descriptor_left_is_system_error);
    tcase_add_test(tcase, list_leaves_no_descriptor_open);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
