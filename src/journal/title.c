#include "journal/title.h"

#include <jansson.h>
#include <stdio.h>

void haul_title_read(const char *options, size_t len, char title[HAUL_TITLE_MAX + 1])
{
    json_t *root = json_loadb(options, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *inner = json_object_get(root, "options");
    const char *text = json_string_value(json_object_get(inner ? inner : root, "title"));

    *title = '\0';
    if (text && !haul_title_check(text))
        snprintf(title, HAUL_TITLE_MAX + 1, "%s", text);
    json_decref(root);
}
