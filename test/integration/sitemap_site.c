#include "sitemap_site.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

bool has_nginx;

const char *site_file(const char *name)
{
    return it_path(it_text("site/%s", name));
}

const char *site_url(const char *name)
{
    return it_text("http://127.0.0.1:%d/%s", it_nginx_port(IT_NGINX_PLAIN), name);
}

void publish(const char *name, const char *text)
{
    it_write(site_file(name), text, strlen(text));
}

void pack_member(struct haul_buf *to, const void *bytes, size_t len)
{
    z_stream stream = {.next_in = Z_NULL};
    size_t size = 1000 + len;
    char *at = haul_buf_reserve(to, size);

    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (uInt)len;
    stream.next_out = (unsigned char *)at;
    stream.avail_out = (uInt)size;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    haul_buf_grew(to, size - stream.avail_out);
    deflateEnd(&stream);
}

static void publish_packed(const char *name, const char *text, size_t len)
{
    struct haul_buf packed;

    haul_buf_init(&packed, 0);
    pack_member(&packed, text, len);
    it_write(site_file(name), packed.data, packed.len);
    haul_buf_done(&packed);
}

static void publish_part(int part)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset " NS ">\n");
    for (int i = 0; i < PAGES_OF_PART; i++)
        haul_buf_addf(&text,
                      "<url><loc>%s?part=%d&amp;n=%d</loc><lastmod>2024-05-06</lastmod></url>\n",
                      site_url("page"), part, i);
    haul_buf_add_str(&text, "</urlset>\n");
    publish_packed(it_text("part%d.xml.gz", part), text.data, text.len);
    haul_buf_done(&text);
}

void publish_index(const char *name, const char *const *parts)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "<sitemapindex " NS ">\n");
    for (; *parts; parts++)
        haul_buf_addf(&text, "<sitemap><loc>%s</loc></sitemap>\n", *parts);
    haul_buf_add_str(&text, "</sitemapindex>\n");
    it_write(site_file(name), text.data, text.len);
    haul_buf_done(&text);
}

static void publish_site(void)
{
    const char *parts[PARTS + 1] = {NULL};

    publish("page", "page\n");
    publish("two.xml", it_text("<urlset " NS ">\n<url><loc>%s?1</loc></url>\n<url><loc>%s?2</loc>"
                               "</url>\n</urlset>",
                               site_url("page"), site_url("page")));
    publish("two.txt", it_text("%s?1\r\n\r\n%s?2\r\n", site_url("page"), site_url("page")));
    for (int i = 0; i < PARTS; i++) {
        publish_part(i);
        parts[i] = site_url(it_text("part%d.xml.gz", i));
    }
    publish_index("index.xml", parts);
}

void begin_site(void)
{
    it_begin_server();
    ck_assert_int_eq(mkdir(it_path("site"), 0755), 0);
    has_nginx = it_nginx_start(it_path("site"));
    if (has_nginx)
        publish_site();
    else
        (void)fputs("no nginx on this system: NOTHING IS TESTED HERE\n", stderr);
}

void end_site(void)
{
    it_nginx_stop();
    it_end_server();
}

const json_t *good_rows(const char *option, const char *value, size_t count)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "16", "--format", "jsonl", "--order", "input", option, value));
    const json_t *rows = it_rows(run.out);

    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_uint_eq(json_array_size(rows), count);
    ck_assert_uint_eq(it_count(rows, "ok"), count);
    it_check_equation(run.err, count);
    return rows;
}
