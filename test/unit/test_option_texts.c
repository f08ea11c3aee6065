#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/options.h"
#include "haul/record.h"
#include "model/field.h"
#include "option_forms.h"

START_TEST(table_is_consistent)
{
    size_t count = option_count(), i, j;
    bool takes_value;

    for (i = 0; i < count; i++) {
        takes_value =
            haul_options_row(i)->arg <= HAUL_OPTION_ARG_OPTIONAL ||
            (haul_options_row(i)->arg == HAUL_OPTION_ARG_SWITCH && haul_options_row(i)->words);
        ck_assert_int_eq(takes_value, haul_options_row(i)->metavar != NULL);
        ck_assert(haul_options_row(i)->set != NULL);
        for (j = 0; j < count; j++)
            ck_assert_msg(haul_options_row(j)->arg != HAUL_OPTION_ARG_SWITCH ||
                              strncmp(haul_options_row(i)->name, "no-", 3) != 0 ||
                              strcmp(haul_options_row(i)->name + 3, haul_options_row(j)->name) != 0,
                          "--%s", haul_options_row(i)->name);
        for (j = 0; j < i; j++) {
            ck_assert_str_ne(haul_options_row(i)->name, haul_options_row(j)->name);
            ck_assert(!haul_options_row(i)->letter ||
                      (haul_options_row(i)->letter != haul_options_row(j)->letter &&
                       haul_options_row(i)->letter != haul_options_row(j)->letter_alias));
        }
    }
}
END_TEST

START_TEST(help_shows_every_option_in_eighty_columns)
{
    size_t count = option_count(), i, width;
    struct haul_buf help;
    char name[64];
    const char *at;

    haul_buf_init(&help, 0);
    haul_help_add(&help);
    ck_assert_int_eq(help.err, HAUL_OK);
    for (at = help.data; *at; at += width + 1) {
        width = strcspn(at, "\n");
        ck_assert_msg(width < 80, "%.*s", (int)width, at);
        ck_assert_msg(!width || at[width - 1] != ' ', "%.*s", (int)width, at);
    }
    for (i = 0; i < count; i++) {
        snprintf(name, sizeof name, "--%s%s",
                 haul_options_row(i)->arg == HAUL_OPTION_ARG_SWITCH ? "[no-]" : "",
                 haul_options_row(i)->name);
        ck_assert_msg(strstr(help.data, name) != NULL, "%s", name);
    }
    haul_buf_done(&help);
}
END_TEST

START_TEST(version_names_the_libraries)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_help_add_version(&text, "libcurl/7", "libuv 1", NULL, "Landlock ABI 7");
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "haul "));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\nlibcurl/7\nlibuv 1\n"));
    haul_buf_done(&text);
}
END_TEST

/* The manual page, one logical line at a time. */
struct manual {
    char *text;
    char *next;
};

static void manual_open(struct manual *manual)
{
    const char *root = getenv("HAUL_SOURCE_ROOT");
    char path[4096];
    size_t size;
    FILE *file;

    ck_assert_msg(root != NULL, "HAUL_SOURCE_ROOT does not say where the sources are");
    snprintf(path, sizeof path, "%s/src/haul.1", root);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    manual->text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(manual->text);
    size = fread(manual->text, 1, (1 << 20) - 1, file);
    fclose(file);
    ck_assert_uint_gt(size, 0);
    manual->next = manual->text;
}

static void manual_close(struct manual *manual)
{
    free(manual->text);
}

static char *manual_line(struct manual *manual)
{
    char *line = manual->next, *end;

    if (!*line)
        return NULL;
    end = line + strcspn(line, "\n");
    manual->next = *end ? end + 1 : end;
    *end = '\0';
    return line;
}

/* Whether `word` is the argument of the macro `macro` somewhere in a line that is a macro line. */
static bool line_has(const char *line, const char *macro, const char *word)
{
    char wanted[80];
    const char *at = line;
    size_t len = (size_t)snprintf(wanted, sizeof wanted, "%s %s", macro, word);

    while (*line == '.' && (at = strstr(at, wanted))) {
        if ((at[-1] == ' ' || at[-1] == '.') && (at[len] == ' ' || at[len] == '\0'))
            return true;
        at++;
    }
    return false;
}

/* Whether an item (".It") of the section documents the word with that macro. */
static bool manual_documents(const char *section, const char *macro, const char *word)
{
    struct manual manual;
    bool in_section = false, found = false;
    char *line;

    manual_open(&manual);
    while (!found && (line = manual_line(&manual))) {
        if (!strncmp(line, ".Sh ", 4))
            in_section = !strcmp(line + 4, section);
        found = in_section && !strncmp(line, ".It ", 4) && line_has(line, macro, word);
    }
    manual_close(&manual);
    return found;
}

static void check_documented(const char *dash, const char *name)
{
    char flag[80];

    snprintf(flag, sizeof flag, "%s%s", dash, name);
    ck_assert_msg(manual_documents("OPTIONS", "Fl", flag), "-%s is not in the manual", flag);
}

START_TEST(manual_documents_every_option)
{
    size_t count = option_count(), i, j;

    for (i = 0; i < count; i++) {
        check_documented("-", haul_options_row(i)->name);
        if (haul_options_row(i)->arg == HAUL_OPTION_ARG_SWITCH)
            check_documented("-no-", haul_options_row(i)->name);
        if (haul_options_row(i)->letter)
            check_documented("", (char[]){haul_options_row(i)->letter, '\0'});
        if (haul_options_row(i)->letter_alias)
            check_documented("", (char[]){haul_options_row(i)->letter_alias, '\0'});
        for (j = 0; j < HAUL_OPTION_ALIASES_MAX && haul_options_row(i)->alias[j]; j++)
            check_documented("-", haul_options_row(i)->alias[j]);
    }
}
END_TEST

/* Whether an option is in the lines from the one that begins with `first` to that with `last`. */
static bool manual_has(const char *first, const char *last, const struct haul_option *option)
{
    char name[80], letter[] = {option->letter, '\0'};
    struct manual manual;
    bool is_inside = false, found = false, is_over = false;
    char *line;

    snprintf(name, sizeof name, "-%s", option->name);
    manual_open(&manual);
    while (!found && !is_over && (line = manual_line(&manual))) {
        is_inside = is_inside || !strncmp(line, first, strlen(first));
        is_over = is_inside && !strncmp(line, last, strlen(last));
        found =
            is_inside && (line_has(line, "Fl", name) || (*letter && line_has(line, "Fl", letter)));
    }
    manual_close(&manual);
    return found;
}

START_TEST(manual_names_options_that_add)
{
    size_t count = option_count();

    for (size_t i = 0; i < count; i++) {
        bool adds =
            haul_options_row(i)->many || strstr(haul_options_row(i)->help, "may be repeated");

        ck_assert_msg(manual_has("If an option is repeated", "which add", haul_options_row(i)) ==
                          adds,
                      "--%s", haul_options_row(i)->name);
    }
}
END_TEST

START_TEST(synopsis_has_every_letter_without_a_value)
{
    static const char start[] = ".Op Fl ";
    struct manual manual;
    char *line;
    size_t count = option_count();

    manual_open(&manual);
    do {
        line = manual_line(&manual);
        ck_assert_ptr_nonnull(line);
    } while (strncmp(line, start, strlen(start)) != 0);
    for (size_t i = 0; i < count; i++) {
        bool has_value = haul_options_row(i)->arg == HAUL_OPTION_ARG_REQUIRED;

        if (haul_options_row(i)->letter)
            ck_assert_msg((strchr(line + strlen(start), haul_options_row(i)->letter) == NULL) ==
                              has_value,
                          "-%c", haul_options_row(i)->letter);
    }
    manual_close(&manual);
}
END_TEST

static bool is_long_option(const struct haul_option *option, const char *name)
{
    size_t i;

    if (option->arg == HAUL_OPTION_ARG_SWITCH && !strncmp(name, "no-", 3))
        name += 3;
    if (!strcmp(option->name, name))
        return true;
    for (i = 0; i < HAUL_OPTION_ALIASES_MAX && option->alias[i]; i++)
        if (!strcmp(option->alias[i], name))
            return true;
    return false;
}

static bool is_known_long(const char *name)
{
    size_t count = option_count(), i;

    for (i = 0; i < count; i++)
        if (is_long_option(haul_options_row(i), name))
            return true;
    return false;
}

static bool is_known_letter(char letter)
{
    size_t count = option_count(), i;

    for (i = 0; i < count; i++)
        if (haul_options_row(i)->letter == letter || haul_options_row(i)->letter_alias == letter)
            return true;
    return false;
}

/* The argument of an Fl macro: "-name", a letter, a bundle of letters, or the "-" of "--". */
static bool is_option(const char *flag)
{
    if (!strcmp(flag, "-"))
        return true;
    if (*flag == '-')
        return is_known_long(flag + 1);
    while (*flag && is_known_letter(*flag))
        flag++;
    return !*flag;
}

START_TEST(manual_names_no_unknown_option)
{
    struct manual manual;
    char *line, *word, *rest;
    int flags = 0;

    manual_open(&manual);
    while ((line = manual_line(&manual))) {
        if (*line != '.')
            continue;
        for (word = strtok_r(line + 1, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
            if (strcmp(word, "Fl") != 0)
                continue;
            word = strtok_r(NULL, " ", &rest);
            ck_assert_ptr_nonnull(word);
            ck_assert_msg(is_option(word), "the manual names -%s", word);
            flags++;
        }
    }
    ck_assert_int_gt(flags, 40);
    manual_close(&manual);
}
END_TEST

/* In examples and the like options are written out. */
START_TEST(manual_shows_no_unknown_option)
{
    struct manual manual;
    char *at, name[64];
    size_t len;
    int shown = 0;

    manual_open(&manual);
    for (at = manual.text; (at = strstr(at, "--")); at += len) {
        at += 2;
        len = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-.");
        ck_assert_uint_lt(len, sizeof name);
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        ck_assert_msg(!len || is_known_long(name), "the manual shows --%s", name);
        shown += len > 0;
    }
    ck_assert_int_gt(shown, 5);
    manual_close(&manual);
}
END_TEST

START_TEST(manual_documents_every_field)
{
    static const char *const fields[] = {
#define FIELD_NAME(kind, member, name) #name,
        HAUL_FIELDS(FIELD_NAME)
#undef FIELD_NAME
    };
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++)
        ck_assert_msg(manual_documents("THE REPORT", "Cm", fields[i]), "%s", fields[i]);
}
END_TEST

START_TEST(manual_documents_every_reason_and_outcome)
{
    static const char *const reasons[] = {
#define REASON_WORD(name, word, transient, text) word,
        HAUL_REASONS(REASON_WORD)
#undef REASON_WORD
    };
    static const char *const outcomes[] = {
#define OUTCOME_WORD(name, word) word,
        HAUL_OUTCOMES(OUTCOME_WORD)
#undef OUTCOME_WORD
    };
    size_t i;

    for (i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (i == HAUL_REASON_HTTP_STATUS)
            ck_assert(manual_documents("REASONS", "Cm", "http- Ns Ar NNN"));
        else if (*reasons[i])
            ck_assert_msg(manual_documents("REASONS", "Cm", reasons[i]), "%s", reasons[i]);
    for (i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        ck_assert_msg(manual_documents("THE REPORT", "Cm", outcomes[i]), "%s", outcomes[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("option_texts");
    TCase *tcase = tcase_create("option_texts");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, table_is_consistent);
    tcase_add_test(tcase, help_shows_every_option_in_eighty_columns);
    tcase_add_test(tcase, version_names_the_libraries);
    tcase_add_test(tcase, manual_documents_every_option);
    tcase_add_test(tcase, manual_names_options_that_add);
    tcase_add_test(tcase, synopsis_has_every_letter_without_a_value);
    tcase_add_test(tcase, manual_names_no_unknown_option);
    tcase_add_test(tcase, manual_shows_no_unknown_option);
    tcase_add_test(tcase, manual_documents_every_field);
    tcase_add_test(tcase, manual_documents_every_reason_and_outcome);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
