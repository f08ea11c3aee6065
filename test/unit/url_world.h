#ifndef HAUL_TEST_URL_WORLD_H
#define HAUL_TEST_URL_WORLD_H

#include "input/url.h"

/* One parser for each case. */
extern struct haul_url_parser *parser;

/* Checked fixtures: they make and free it. */
void set_up(void);
void tear_down(void);

/* What the parser makes of a text that is a URL. */
struct haul_url parse(const char *text);

/* A text of `len` bytes that begins with `start` and goes on `with`; to be freed. */
char *long_text(const char *start, char with, size_t len);

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

#endif
