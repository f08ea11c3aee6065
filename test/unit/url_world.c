#include "url_world.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct haul_url_parser *parser;

void set_up(void)
{
    setlocale(LC_ALL, "C");
    ck_assert_int_eq(haul_url_parser_create(&parser), HAUL_OK);
}

void tear_down(void)
{
    haul_url_parser_free(parser);
}

struct haul_url parse(const char *text)
{
    struct haul_url url;

    ck_assert_msg(haul_url_parse(parser, text, strlen(text), &url) == HAUL_REASON_NONE,
                  "'%s' should be a URL", text);
    return url;
}

char *long_text(const char *start, char with, size_t len)
{
    char *text = malloc(len + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, with, len);
    memcpy(text, start, strlen(start));
    text[len] = '\0';
    return text;
}
