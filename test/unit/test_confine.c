/* realpath */
#define _XOPEN_SOURCE 700 /* NOLINT: the name that the C library gives */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/confine.h"
#include "engine/confine_system.h"
#include "haul/config.h"

/* Which rules a configuration makes: what the process needs inside, and nothing else. */

static const unsigned rename_rights = HAUL_SANDBOX_MAKE | HAUL_SANDBOX_REMOVE;
static const unsigned work_rights =
    HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE | HAUL_SANDBOX_MAKE | HAUL_SANDBOX_REMOVE;

static char top[64];
static bool nothing_is_writable;

int __real_access(const char *path, int mode); /* NOLINT: names of --wrap */
int __wrap_access(const char *path, int mode);

int __wrap_access(const char *path, int mode)
{
    if (!nothing_is_writable || !(mode & W_OK))
        return __real_access(path, mode);
    errno = EROFS;
    return -1;
}
static struct haul_config config;
static struct haul_sandbox_rules rules, bare; /* of `config`; of one that says nothing */

static void make_world(void)
{
    snprintf(top, sizeof top, "/tmp/haul-confine-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
    ck_assert_int_eq(mkdir("there", 0700), 0);
    ck_assert_int_eq(setenv("TMPDIR", "/var/tmp", 1), 0);
    ck_assert_int_eq(unsetenv("SQLITE_TMPDIR"), 0);
    haul_config_init(&config);
}

static void remove_world(void)
{
    char command[128];

    haul_sandbox_rules_done(&rules);
    haul_sandbox_rules_done(&bare);
    haul_config_done(&config);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "we");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void plan(enum haul_verb verb)
{
    struct haul_config none;

    haul_config_init(&none);
    haul_confine_plan(&none, verb, -1, &bare);
    haul_confine_plan(&config, verb, -1, &rules);
    ck_assert_int_eq(rules.err, HAUL_OK);
    haul_config_done(&none);
}

/* The rights of all rules for that path together. */
static unsigned rights_in(const struct haul_sandbox_rules *where, const char *path)
{
    unsigned rights = 0;

    for (size_t i = 0; i < where->count; i++)
        if (where->item[i].path && strcmp(where->item[i].path, path) == 0)
            rights |= where->item[i].rights;
    return rights;
}

static unsigned rights_of(const char *path)
{
    return rights_in(&rules, path);
}

/* No other path has more than one that a configuration without anything gives it. */
static void check_no_other(const char *const *expected)
{
    for (size_t i = 0; i < rules.count; i++) {
        const char *path = rules.item[i].path;
        bool is_expected = !path || rights_in(&bare, path) == rights_of(path);

        for (size_t j = 0; expected[j]; j++)
            is_expected = is_expected || strcmp(expected[j], path) == 0;
        ck_assert_msg(is_expected, "a rule for %s", path);
    }
}

#define ONLY(...) check_no_other((const char *const[]){__VA_ARGS__, NULL})

/* ---- runs ---- */

START_TEST(bare_run_writes_to_nothing_but_temporaries)
{
    plan(HAUL_VERB_RUN);
    for (size_t i = 0; i < rules.count; i++)
        if (rules.item[i].rights & ~(unsigned)HAUL_SANDBOX_READ)
            ck_assert_msg(strcmp(rules.item[i].path, "/var/tmp") == 0 ||
                              strcmp(rules.item[i].path, "/dev/null") == 0,
                          "%s", rules.item[i].path);
    ck_assert_uint_eq(rights_of("/var/tmp"), work_rights);
    ck_assert(!rules.binds);
}
END_TEST

/* As on a machine whose disks are read-only, started in somebody's home directory. */
START_TEST(working_directory_does_not_stand_in_for_temporary_ones)
{
    static const enum haul_verb verbs[] = {HAUL_VERB_RUN, HAUL_VERB_DRY_RUN, HAUL_VERB_REPORT,
                                           HAUL_VERB_DIFF, HAUL_VERB_HISTORY};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        nothing_is_writable = true;
        plan(verbs[i]);
        nothing_is_writable = false;
        ck_assert_uint_eq(rights_of("."), 0);
        haul_sandbox_rules_done(&rules);
        haul_sandbox_rules_done(&bare);
    }
}
END_TEST

/* Where one can be written to, SQLite takes the first, and only that. */
START_TEST(temporary_directories_are_those_that_are_used)
{
    char path[128];

    snprintf(path, sizeof path, "%s/there", top);
    ck_assert_int_eq(setenv("SQLITE_TMPDIR", path, 1), 0);
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of(path), work_rights);
    ck_assert_uint_eq(rights_of("/tmp"), 0);
    ck_assert_int_eq(unsetenv("SQLITE_TMPDIR"), 0);
}
END_TEST

START_TEST(private_places_are_not_readable)
{
    static const char *const places[] = {"/",    "/root",    "/home",    "/srv",    "/mnt",
                                         "/var", "/var/log", "/var/lib", "/dev",    "/proc",
                                         "/sys", "/run",     "/var/run", "/dev/shm"};

    plan(HAUL_VERB_RUN);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(places[i], "/proc") != 0 || !getenv("HAUL_SANITIZED"))
            ck_assert_msg(rights_of(places[i]) == 0, "%s", places[i]);
}
END_TEST

/* It is open, and another process gives it its name. */
START_TEST(report_of_a_run_needs_nothing)
{
    config.output = "there/report.csv";
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of("there/"), 0);
    ONLY(NULL);
}
END_TEST

START_TEST(further_reports_and_failed_ones_need_nothing)
{
    static const char *items[] = {"json:report.json", "html:there/page.html", "csv:-"};

    config.reports.item = items;
    config.reports.count = 3;
    config.save_failed = "there/failed.txt";
    plan(HAUL_VERB_RUN);
    ONLY(NULL);
}
END_TEST

/* Its directory is the system's. */
START_TEST(report_to_a_device_needs_nothing)
{
    static const char *const names[] = {"/dev/null", "/dev/stdout", "/dev/fd/1"};

    config.output = names[_i];
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of("/dev/"), 0);
    ck_assert_uint_eq(rights_of("/dev"), 0);
    ck_assert_uint_eq(rights_of("/dev/fd/"), 0);
}
END_TEST

START_TEST(journal_needs_nothing_for_it_is_open)
{
    config.journal = "there/journal";
    plan(HAUL_VERB_RUN);
    ONLY("");
    ck_assert_uint_eq(rights_of("there/"), 0);
}
END_TEST

START_TEST(archives_work_in_their_directory)
{
    config.tar = "there/all.tar";
    config.warc = "./archive";
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of("there/"), work_rights);
    ck_assert_uint_eq(rights_of("./"), work_rights);
    ONLY("there/", "./");
}
END_TEST

/* Beside it others' files may lie: SQLite has its own open, and their names are known. */
START_TEST(history_with_its_log_lets_no_other_file_be_written)
{
    put_file("there/site.db", "");
    put_file("there/site.db-wal", "");
    put_file("there/site.db-shm", "");
    config.history = "there/site.db";
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of("there/"), rename_rights);
    ck_assert_uint_eq(rights_of("there/site.db"), HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE);
    ck_assert_uint_eq(rights_of("there/site.db-wal"), HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE);
    ck_assert_uint_eq(rights_of("there/site.db-shm"), HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE);
    ONLY("there/", "there/site.db", "there/site.db-wal", "there/site.db-shm");
}
END_TEST

START_TEST(history_without_a_log_works_in_its_directory)
{
    put_file("there/site.db", "");
    config.history = "there/site.db";
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of("there/"), work_rights);
}
END_TEST

START_TEST(directory_is_given_by_its_descriptor)
{
    int fd = open("there", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    config.dir = "there";
    haul_confine_plan(&config, HAUL_VERB_RUN, fd, &rules);
    ck_assert_uint_eq(rights_of("there"), 0);
    for (size_t i = 0; i < rules.count; i++)
        if (!rules.item[i].path) {
            ck_assert_int_eq(rules.item[i].fd, fd);
            ck_assert_uint_eq(rules.item[i].rights,
                              work_rights | HAUL_SANDBOX_MAKE_DIR | HAUL_SANDBOX_MOVE);
            close(fd);
            return;
        }
    ck_abort_msg("no rule for it");
}
END_TEST

START_TEST(inputs_and_certificates_are_readable_and_configurations_are_not)
{
    static const char *read_files[] = {"haul.conf"};
    struct haul_source sources[] = {{HAUL_SOURCE_FILE, "list.txt"},
                                    {HAUL_SOURCE_SITEMAP, "sitemap.xml"},
                                    {HAUL_SOURCE_SITEMAP, "http://example.com/sitemap.xml"},
                                    {HAUL_SOURCE_URL, "http://example.com/"}};

    config.source = sources;
    config.source_count = 4;
    config.read_files.item = read_files;
    config.read_files.count = 1;
    config.ca_file = "there/ca.pem";
    config.cert = "cert.pem";
    config.key = "key.pem";
    config.sums = "sums";
    ck_assert_int_eq(setenv("HOME", top, 1), 0);
    plan(HAUL_VERB_RUN);
    ck_assert_uint_eq(rights_of("list.txt"), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rights_of("sitemap.xml"), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rights_of("key.pem"), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rights_of("there/"), 0); /* where a new one is put: nobody reads it */
    ONLY("list.txt", "sitemap.xml", "there/ca.pem", "cert.pem", "key.pem");
}
END_TEST

START_TEST(interface_lets_an_address_be_chosen)
{
    config.interface = "127.0.0.1";
    plan(HAUL_VERB_RUN);
    ck_assert(rules.binds);
}
END_TEST

START_TEST(environment_names_further_files)
{
    ck_assert_int_eq(setenv("SSL_CERT_DIR", "/a:/b", 1), 0);
    ck_assert_int_eq(setenv("OPENSSL_CONF", "/c/openssl.cnf", 1), 0);
    haul_confine_plan(&config, HAUL_VERB_RUN, -1, &rules);
    if (rules.reads_all)
        return;
    ck_assert_uint_eq(rights_of("/a"), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rights_of("/b"), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rights_of("/c/openssl.cnf"), HAUL_SANDBOX_READ);
}
END_TEST

/* In /etc/ssl/certs each is a link; c_rehash(1) makes them to wherever a certificate is. */
START_TEST(certificates_that_are_trusted_are_readable_where_links_lead)
{
    char *real = realpath(".", NULL);
    char path[256], name[32];

    ck_assert_ptr_nonnull(real);
    ck_assert_int_eq(setenv("HOME", top, 1), 0);
    ck_assert_int_eq(mkdir("elsewhere", 0700), 0);
    put_file("elsewhere/ca.pem", "");
    put_file("own.pem", "");
    ck_assert_int_eq(symlink("ca.pem", "elsewhere/link.pem"), 0);
    ck_assert_int_eq(symlink("../elsewhere/link.pem", "there/0.0"), 0);
    ck_assert_int_eq(symlink("../own.pem", "there/1.0"), 0);
    ck_assert_int_eq(symlink("nowhere", "there/2.0"), 0);
    ck_assert_int_eq(symlink("0.0", "there/3.0"), 0);
    for (int i = 4; i < 8; i++) { /* the last ones are links there, too */
        snprintf(path, sizeof path, "%s/elsewhere/%s", real, i < 6 ? "ca.pem" : "far.pem");
        snprintf(name, sizeof name, "there/%d.0", i);
        ck_assert_int_eq(symlink(path, name), 0);
    }
    ck_assert_int_eq(mkdir("far", 0700), 0);
    put_file("far/ca.pem", "");
    ck_assert_int_eq(symlink("../far/ca.pem", "elsewhere/far.pem"), 0);
    haul_confine_add_trusted(&rules, "there");
    ck_assert_int_eq(rules.err, HAUL_OK);
    ck_assert_uint_eq(rights_of("there"), HAUL_SANDBOX_READ);
    snprintf(path, sizeof path, "%s/elsewhere/", real);
    ck_assert_uint_eq(rights_of(path), HAUL_SANDBOX_READ);
    snprintf(path, sizeof path, "%s/far/", real);
    ck_assert_uint_eq(rights_of(path), HAUL_SANDBOX_READ);
    snprintf(path, sizeof path, "%s/own.pem", real);
    ck_assert_uint_eq(rights_of(path), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rules.count, 4);
    free(real);
}
END_TEST

/* ---- other verbs ---- */

static void name(const char *what)
{
    ck_assert_int_eq(haul_config_add_source(&config, HAUL_SOURCE_URL, what), HAUL_OK);
}

START_TEST(report_opens_its_outputs_inside)
{
    static const char *items[] = {"json:there/report.json"};

    name("journal");
    config.output = "report.csv";
    config.reports.item = items;
    config.reports.count = 1;
    config.journal = config.history = "runs only";
    plan(HAUL_VERB_REPORT);
    ck_assert_uint_eq(rights_of("journal"), HAUL_SANDBOX_READ);
    ck_assert_uint_eq(rights_of("."), work_rights);
    ck_assert_uint_eq(rights_of("there/"), work_rights);
    ONLY("journal", ".", "there/");
}
END_TEST

START_TEST(audit_of_journals_reads_them_only)
{
    put_file("old", "{}");
    name("old");
    name("new");
    plan(HAUL_VERB_DIFF);
    ONLY("old", "new");
    ck_assert_uint_eq(rights_of("old"), HAUL_SANDBOX_READ);
}
END_TEST

/* SQLite reads nothing of a database that is in use without its companions. */
START_TEST(audit_of_a_run_in_a_history_works_beside_it)
{
    put_file("there/site.db", "SQLite format 3");
    ck_assert_int_eq(truncate("there/site.db", 16), 0);
    name("there/site.db@-2");
    plan(HAUL_VERB_DIFF);
    ck_assert_uint_eq(rights_of("there/site.db"), HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE);
    ck_assert_uint_eq(rights_of("there/"), work_rights);
}
END_TEST

/* A log that is there is removed by the first of two who close it. */
START_TEST(audit_of_a_history_with_its_log_can_make_a_new_one)
{
    put_file("there/site.db", "SQLite format 3");
    ck_assert_int_eq(truncate("there/site.db", 16), 0);
    put_file("there/site.db-wal", "");
    put_file("there/site.db-shm", "");
    name("there/site.db@1");
    plan(HAUL_VERB_HISTORY);
    ck_assert_uint_eq(rights_of("there/"), work_rights);
}
END_TEST

/* SQLite has its files beside the database itself. */
START_TEST(history_behind_a_link_works_where_it_is)
{
    char *real;

    put_file("there/site.db", "SQLite format 3");
    ck_assert_int_eq(truncate("there/site.db", 16), 0);
    put_file("there/site.db-wal", "");
    ck_assert_int_eq(symlink("there/site.db", "link.db"), 0);
    name("link.db");
    plan(HAUL_VERB_HISTORY);
    real = realpath("there", NULL);
    ck_assert_ptr_nonnull(real);
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"/", "/site.db", "/site.db-wal"};
        char path[256];

        snprintf(path, sizeof path, "%s%s", real, names[i]);
        ck_assert_uint_eq(rights_of(path),
                          i ? HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE : work_rights);
    }
    ck_assert_uint_eq(rights_of("."), 0);
    free(real);
}
END_TEST

START_TEST(dry_run_writes_nothing)
{
    struct haul_source sources[] = {{HAUL_SOURCE_FILE, "list.txt"}};

    config.source = sources;
    config.source_count = 1;
    config.dir = "there";
    config.output = "report.csv";
    config.history = "there/site.db";
    plan(HAUL_VERB_DRY_RUN);
    ONLY("list.txt");
}
END_TEST

/* ---- plugins of the C library ---- */

static const struct {
    const char *text;
    enum haul_confine_plugins plugins;
} switches[] = {
    {"", HAUL_CONFINE_PLUGINS_READ},
    {"hosts: files dns\n", HAUL_CONFINE_PLUGINS_READ},
    {"passwd: strange\nhosts:\tfiles mdns4_minimal [NOTFOUND=return] dns myhostname",
     HAUL_CONFINE_PLUGINS_TALK},
    {"  hosts: files resolve [!UNAVAIL=return] dns # and strange", HAUL_CONFINE_PLUGINS_TALK},
    {"#hosts: strange\nhosts: files\n", HAUL_CONFINE_PLUGINS_READ},
    {"hosts: files[NOTFOUND=return]dns\n", HAUL_CONFINE_PLUGINS_READ},
    {"hosts: files wins dns\n", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: strange\n", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: file\n", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: filesystem\n", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: [SUCCESS=return strange\n", HAUL_CONFINE_PLUGINS_READ},
    {"hosts: files\nhosts: strange", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: files [NOTFOUND=return]strange", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: files myhostname dns", HAUL_CONFINE_PLUGINS_READ},
    {"hosts: sss files dns", HAUL_CONFINE_PLUGINS_TALK},
    {"hosts: strange resolve", HAUL_CONFINE_PLUGINS_UNKNOWN},
    {"hosts: files\nhosts: resolve\nhosts: dns", HAUL_CONFINE_PLUGINS_TALK},
};
enum { SWITCHES = sizeof switches / sizeof *switches };

START_TEST(worst_of_the_plugins_of_names_counts)
{
    ck_assert_int_eq(haul_confine_look_at_plugins(switches[_i].text, strlen(switches[_i].text)),
                     switches[_i].plugins);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("confine");
    TCase *tcase = tcase_create("plan");

    tcase_add_checked_fixture(tcase, make_world, remove_world);
    tcase_add_test(tcase, bare_run_writes_to_nothing_but_temporaries);
    tcase_add_test(tcase, working_directory_does_not_stand_in_for_temporary_ones);
    tcase_add_test(tcase, temporary_directories_are_those_that_are_used);
    tcase_add_test(tcase, private_places_are_not_readable);
    tcase_add_test(tcase, report_of_a_run_needs_nothing);
    tcase_add_test(tcase, further_reports_and_failed_ones_need_nothing);
    tcase_add_loop_test(tcase, report_to_a_device_needs_nothing, 0, 3);
    tcase_add_test(tcase, journal_needs_nothing_for_it_is_open);
    tcase_add_test(tcase, archives_work_in_their_directory);
    tcase_add_test(tcase, history_with_its_log_lets_no_other_file_be_written);
    tcase_add_test(tcase, history_without_a_log_works_in_its_directory);
    tcase_add_test(tcase, directory_is_given_by_its_descriptor);
    tcase_add_test(tcase, inputs_and_certificates_are_readable_and_configurations_are_not);
    tcase_add_test(tcase, interface_lets_an_address_be_chosen);
    tcase_add_test(tcase, environment_names_further_files);
    tcase_add_test(tcase, certificates_that_are_trusted_are_readable_where_links_lead);
    tcase_add_test(tcase, report_opens_its_outputs_inside);
    tcase_add_test(tcase, audit_of_journals_reads_them_only);
    tcase_add_test(tcase, audit_of_a_run_in_a_history_works_beside_it);
    tcase_add_test(tcase, audit_of_a_history_with_its_log_can_make_a_new_one);
    tcase_add_test(tcase, history_behind_a_link_works_where_it_is);
    tcase_add_test(tcase, dry_run_writes_nothing);
    tcase_add_loop_test(tcase, worst_of_the_plugins_of_names_counts, 0, SWITCHES);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
