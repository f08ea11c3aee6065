#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * The audit of a site, night after night, as conf/haul.cron has it: nginx serves 10,000 pages and
 * the sitemaps that name them, and the line of the crontab is run as cron would. The set-up lives
 * through five nights; the cases look at what is left of each.
 *
 * FIRST: there is nothing to compare with. SAME: nothing has changed. WORSE: pages have grown,
 * shrunk, come, gone, and one is broken. MENDED: that one is back. AGAIN: nothing has changed.
 */

enum night { FIRST, SAME, WORSE, MENDED, AGAIN, NIGHTS };
enum { PAGES = 10000, PARTS = 4, MIB = 1 << 20 };

static struct it_run night[NIGHTS];
static const char *log_of[NIGHTS];
static bool has_nginx;

/* ---- the site ---- */

/* Pages that change. */
#define GROWN "/docs/chapter-00/page-0.html"
#define SHRUNK "/img/photos/7.jpg"
#define BROKEN "/static/app-8.js"
#define GONE "/products/9/"
#define GONE_2 "/files/manual-503.pdf"
#define NEW "/img/banner.png"
#define NEW_2 "/blog/2025/12/post-new.html"

static const char *site_file(const char *path)
{
    return it_text("%s%s", it_path("site"), path);
}

static const char *site_url(const char *path)
{
    return it_text("http://127.0.0.1:%d%s", it_nginx_port(IT_NGINX_PLAIN), path);
}

static const char *page_path(int i)
{
    static const char *const before[] = {"img/", "img/photos/", "static/app-", "products/"};
    static const char *const after[] = {".png", ".jpg", ".js", "/"};

    if (i % 500 == 3)
        return it_text("/files/manual-%d.pdf", i);
    if (i % 10 < 4)
        return it_text("/docs/chapter-%02d/page-%d.html", i / 100, i);
    if (i % 10 < 6)
        return it_text("/blog/2025/%02d/post-%d.html", i % 11 + 1, i);
    return it_text("/%s%d%s", before[i % 10 - 6], i, after[i % 10 - 6]);
}

static int page_size(int i)
{
    static const struct {
        int least, spread;
    } kind[] = {{2000, 12000}, {4000, 30000},  {900, 40000},
                {9000, 90000}, {10000, 50000}, {3000, 9000}};
    int which = i % 10 < 4 ? 0 : i % 10 < 6 ? 1 : i % 10 - 4;

    if (i % 500 == 3)
        return 300000 + i * 50;
    return kind[which].least + i * 7919 % kind[which].spread;
}

/* A file of zeros, and the directories above it. What ends in a slash is its index.html. */
static void put(const char *path, int size)
{
    size_t len = strlen(path);
    const char *file = site_file(it_text("%s%s", path, path[len - 1] == '/' ? "index.html" : ""));
    int fd;

    for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/'))
        (void)mkdir(site_file(it_text("%.*s", (int)(at - path), path)), 0755);
    fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_msg(fd >= 0, "%s", file);
    ck_assert_int_eq(ftruncate(fd, size), 0);
    ck_assert_int_eq(close(fd), 0);
}

/* ---- its sitemaps: packed or not, XML or text ---- */

static void publish(const char *path, const struct haul_buf *text, bool packed)
{
    gzFile file;

    if (!packed) {
        it_write(site_file(path), text->data, text->len);
        return;
    }
    file = gzopen(site_file(path), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, text->data, (unsigned)text->len), (int)text->len);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

static const char *part_path(int part)
{
    static const char *const ending[PARTS] = {"xml.gz", "xml", "xml.gz", "txt"};

    return it_text("/sitemap-%d.%s", part, ending[part]);
}

static void add_page(struct haul_buf *text, int part, const char *path)
{
    haul_buf_addf(text,
                  part == PARTS - 1 ? "%s\n"
                                    : "<url><loc>%s</loc><lastmod>2025-06-07</lastmod></url>\n",
                  site_url(path));
}

static void publish_part(int part, bool changed)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    if (part < PARTS - 1)
        haul_buf_add_str(&text, "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (int i = part * PAGES / PARTS; i < (part + 1) * PAGES / PARTS; i++) {
        const char *path = page_path(i);

        if (!changed || (strcmp(path, GONE) != 0 && strcmp(path, GONE_2) != 0))
            add_page(&text, part, path);
    }
    if (changed && part == PARTS - 1) {
        add_page(&text, part, NEW);
        add_page(&text, part, NEW_2);
    }
    if (part < PARTS - 1)
        haul_buf_add_str(&text, "</urlset>\n");
    publish(part_path(part), &text, strstr(part_path(part), ".gz") != NULL);
    haul_buf_done(&text);
}

static void publish_sitemaps(bool changed)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "<sitemapindex>\n");
    for (int i = 0; i < PARTS; i++) {
        publish_part(i, changed);
        haul_buf_addf(&text, "<sitemap><loc>%s</loc></sitemap>\n", site_url(part_path(i)));
    }
    haul_buf_add_str(&text, "</sitemapindex>\n");
    publish("/sitemap.xml", &text, false);
    haul_buf_done(&text);
}

static void make_site(void)
{
    for (int i = 0; i < PAGES; i++)
        put(page_path(i), page_size(i));
    publish_sitemaps(false);
}

static void make_worse(void)
{
    put(GROWN, page_size(0) + MIB);
    put("/docs/chapter-00/page-1.html", page_size(1) + 512);
    put(SHRUNK, page_size(7) / 2);
    ck_assert_int_eq(unlink(site_file(BROKEN)), 0);
    put(NEW, 400 << 10);
    put(NEW_2, 2048);
    publish_sitemaps(true);
}

/* ---- the nights ---- */

static const char *home(void)
{
    return it_path("home");
}

static const char *left(const char *name, enum night when)
{
    return it_text("%s/haul/%d.%s", home(), when, name);
}

/* What cron runs for the entry, with this site for the one of the sample: crontab(5). */
static const char *crontab_command(void)
{
    static const char entry[] = "\n47 3 * * *  ";
    static const char sample[] = "https://www.example.com/sitemap.xml";
    const char *line =
        strstr(it_read(it_text("%s/conf/haul.cron", getenv("HAUL_SOURCE_ROOT")), NULL), entry);
    struct haul_buf command;

    ck_assert_msg(line != NULL, "no such entry in haul.cron");
    haul_buf_init(&command, 0);
    for (line += sizeof entry - 1; *line && *line != '\n'; line++) {
        ck_assert_msg(*line != '%', "a percent sign ends the command");
        if (!strncmp(line, sample, sizeof sample - 1)) {
            haul_buf_add_str(&command, site_url("/sitemap.xml"));
            line += sizeof sample - 1;
        }
        if (line[0] == '\\' && line[1] == '%')
            line++;
        haul_buf_add_char(&command, *line);
    }
    line = it_text("%s", haul_buf_str(&command));
    haul_buf_done(&command);
    return line;
}

/* No terminal, and nothing in the environment but what cron gives. */
static struct it_run run_as_cron(const char *command)
{
    return it_call(&(struct it_call){
        .program = "/usr/bin/setsid",
        .argv = IT_ARGS("-w", "/usr/bin/env", "-i", it_text("HOME=%s", home()),
                        it_text("PATH=%s/bin:/usr/bin:/bin", home()), "SHELL=/bin/sh",
                        "LOGNAME=cron", "/bin/sh", "-c", command)});
}

static void pass(enum night when)
{
    static const char *const more[] = {"csv", "jsonl", "json", "markdown", "junit", "prometheus"};
    const char *command = crontab_command();

    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        command = it_text("%s --report %s:%d.%s", command, more[i], (int)when, more[i]);
    night[when] = run_as_cron(command);
    log_of[when] = it_nginx_take_log();
    if (access(it_text("%s/haul/audit.html", home()), R_OK) == 0)
        ck_assert_int_eq(rename(it_text("%s/haul/audit.html", home()), left("html", when)), 0);
}

static void make_home(void)
{
    ck_assert_int_eq(mkdir(home(), 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/haul", home()), 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/bin", home()), 0755), 0);
    ck_assert_int_eq(symlink(getenv("HAUL_BIN"), it_text("%s/bin/haul", home())), 0);
}

static void begin(void)
{
    it_begin_server();
    ck_assert_int_eq(mkdir(it_path("site"), 0755), 0);
    has_nginx = it_nginx_start(it_path("site"));
    if (!has_nginx) {
        (void)fputs("no nginx on this system: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    make_home();
    make_site();
    pass(FIRST);
    pass(SAME);
    make_worse();
    pass(WORSE);
    put(BROKEN, page_size(8));
    pass(MENDED);
    pass(AGAIN);
}

static void end(void)
{
    it_nginx_stop();
    it_end_server();
}

START_TEST(show)
{
    for (int i = 0; i < NIGHTS; i++)
        printf("== %d: status %d, %lld ms\n%s--\n%s--\n%zu\n", i, night[i].status,
               (long long)night[i].wall_ms, night[i].out, night[i].err, it_lines(log_of[i]));
    printf("%s\n%.500s\n", crontab_command(), log_of[AGAIN]);
    struct it_run r = it_haul(IT_ARGS("diff", it_text("%s/haul/site.db@2", home()),
                                      it_text("%s/haul/site.db@3", home())));
    printf("%s%s", r.out, r.err);
    r = it_haul(IT_ARGS("history", it_text("%s/haul/site.db", home())));
    printf("%s%s", r.out, r.err);
    r = it_haul(IT_ARGS("history", it_text("%s/haul/site.db", home()), site_url(BROKEN)));
    printf("%s%s", r.out, r.err);
    r = it_call(
        &(struct it_call){.program = "/bin/sh",
                          .argv = IT_ARGS("-c", it_text("mkdir -p /tmp/audit.keep; cp -r %s/haul/. "
                                                        "/tmp/audit.keep/; ls -la /tmp/audit.keep",
                                                        home()))});
    printf("%s%s", r.out, r.err);
    r = it_haul(IT_ARGS("--sitemap", site_url("/sitemap.xml"), "--history",
                        it_text("%s/haul/site.db", home()), "--chart", "--budget", "total<1M", "-o",
                        "/dev/null", "--etags"));
    printf("%s%s", r.out, r.err);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audit");
    TCase *tcase = tcase_create("nights");

    tcase_add_unchecked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, show);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
