#include "audit_site.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* ---- pages ---- */

static const char *site_file(const char *path)
{
    return it_text("%s%s", it_path("site"), path);
}

const char *site_url(const char *path)
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

int page_size(int i)
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

/* Once more, with the same size: only the time says that it is another file. */
static void put_anew(const char *path, int size)
{
    const struct timespec later[2] = {{.tv_sec = 2000000000}, {.tv_sec = 2000000000}};

    put(path, size);
    ck_assert_int_eq(utimensat(AT_FDCWD, site_file(path), later, 0), 0);
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

/* ---- nights ---- */

void make_site(void)
{
    for (int i = 0; i < PAGES; i++)
        put(page_path(i), page_size(i));
    publish_sitemaps(false);
}

void make_worse(void)
{
    put(GROWN, page_size(0) + MIB);
    put(GROWN_2, page_size(1) + 512);
    put(SHRUNK, page_size(7) / 2);
    ck_assert_int_eq(unlink(site_file(BROKEN)), 0);
    put(NEW, 400 << 10);
    put(NEW_2, 2048);
    publish_sitemaps(true);
}

void mend(void)
{
    put_anew(BROKEN, page_size(8));
    put(NEW, 250 << 10);
}
