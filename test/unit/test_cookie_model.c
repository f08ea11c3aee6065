#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "http/cookie.h"

/* Whose cookie goes where, as a model says that knows names and paths as their parts. */

static const char *const labels[] = {"a", "xa", "co", "uk"};
static const char *const pieces[] = {"", "x", "y", "xx"};
enum { LABELS_MAX = 4 };

struct name {
    int label[LABELS_MAX], count;
    char text[64];
};

/* Names of 1 to 4 labels; paths alike. */
static void make(struct name *name, int number, const char *const *of, const char *between,
                 const char *before)
{
    name->count = 1 + number % LABELS_MAX;
    number /= LABELS_MAX;
    strcpy(name->text, before);
    for (int i = 0; i < name->count; i++, number /= 4) {
        name->label[i] = number % 4;
        strcat(strcat(name->text, i ? between : ""), of[name->label[i]]);
    }
}

/* Without its first `count` labels. */
static void drop_first(struct name *name, const struct name *from, int count)
{
    *name = *from;
    name->count -= count;
    memmove(name->label, name->label + count, (size_t)name->count * sizeof *name->label);
    for (; count; count--)
        memmove(name->text, strchr(name->text, '.') + 1, strlen(strchr(name->text, '.')));
}

static bool ends_with(const struct name *host, const struct name *domain)
{
    for (int i = 1; i <= domain->count; i++)
        if (i > host->count || host->label[host->count - i] != domain->label[domain->count - i])
            return false;
    return true;
}

/* Any top-level domain, and co.uk. */
static bool is_suffix(const struct name *domain)
{
    return domain->count == 1 ||
           (domain->count == 2 && domain->label[0] == 2 && domain->label[1] == 3);
}

static bool may_set(const struct name *host, const struct name *domain)
{
    return !strcmp(host->text, domain->text) || (ends_with(host, domain) && !is_suffix(domain));
}

static bool gets(const struct name *host, const struct name *domain)
{
    return !strcmp(host->text, domain->text) || (ends_with(host, domain) && !is_suffix(domain));
}

/* Of the parts of a path, those of the cookie come first; an empty last one is a final '/'. */
static bool path_gets(const struct name *path, const struct name *of)
{
    int last = of->count - 1;

    for (int i = 0; i < last; i++)
        if (i >= path->count || path->label[i] != of->label[i])
            return false;
    if (!of->label[last])
        return path->count > last;
    return path->count > last && path->label[last] == of->label[last];
}

static void keep(struct haul_cookie_jar **jar, const char *url, const char *text)
{
    const struct haul_cookie_target target = haul_cookie_target_of(url, false);
    struct haul_buf room;

    haul_buf_init(&room, 0);
    haul_cookie_keep(jar, NULL, &target, text, strlen(text) + 1, 0, &room);
    haul_buf_done(&room);
}

static bool is_sent_to(const struct haul_cookie_jar *jar, const char *url)
{
    const struct haul_cookie_target target = haul_cookie_target_of(url, false);
    const struct haul_cookie_sources from = {.jar = jar};
    struct haul_cookies_sent sent;
    struct haul_buf out;
    size_t count;

    haul_buf_init(&out, 0);
    count = haul_cookie_write(&from, &target, 0, haul_span_of(""), &out, &sent);
    haul_buf_done(&out);
    return count;
}

START_TEST(domains_and_paths_match_as_a_model_of_parts_says)
{
    enum { NAMES = LABELS_MAX * 4 * 4 * 4 * 4 };
    struct haul_buf text, out;
    int sets = 0, sendings = 0;

    haul_buf_init(&text, 0);
    haul_buf_init(&out, 0);
    srand(17);
    for (int i = 0; i < 40000; i++) {
        struct name host, domain, other, path, asked;
        struct haul_cookie_jar *jar = NULL;
        bool is_set, is_sent;

        make(&host, rand() % NAMES, labels, ".", "");
        make(&domain, rand() % NAMES, labels, ".", "");
        if (i % 2) /* otherwise most have nothing to do with each other */
            drop_first(&domain, &host, rand() % host.count);
        make(&other, rand() % NAMES, labels, ".", "");
        if (i % 3 == 0)
            other = host;
        make(&path, rand() % NAMES, pieces, "/", "/");
        make(&asked, rand() % NAMES, pieces, "/", "/");
        haul_buf_clear(&text);
        haul_buf_addf(&text, "n=v; Domain=%s; Path=%s", domain.text, path.text);
        haul_buf_clear(&out);
        haul_buf_addf(&out, "http://%s/", host.text);
        keep(&jar, haul_buf_str(&out), haul_buf_str(&text));
        is_set = jar != NULL;
        ck_assert_msg(is_set == may_set(&host, &domain), "%s: %s", host.text, domain.text);
        haul_buf_clear(&text);
        haul_buf_addf(&text, "http://%s%s", other.text, asked.text);
        is_sent = is_sent_to(jar, haul_buf_str(&text));
        ck_assert_msg(is_sent == (is_set && gets(&other, &domain) && path_gets(&asked, &path)),
                      "%s%s: %s%s", domain.text, path.text, other.text, asked.text);
        haul_cookie_jar_free(jar);
        sets += is_set;
        sendings += is_sent;
    }
    /* Enough of both kinds. */
    ck_assert_int_gt(sets, 2000);
    ck_assert_int_gt(sendings, 500);
    haul_buf_done(&text);
    haul_buf_done(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cookie_model");
    TCase *tcase = tcase_create("cookie_model");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, domains_and_paths_match_as_a_model_of_parts_says);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
