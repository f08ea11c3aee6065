#ifndef HAUL_MODEL_GROUP_H
#define HAUL_MODEL_GROUP_H

/*
 * What --group-by may say: "host", "type", "path:N" (the first N directories, 1 to 100) or
 * "tag:NAME" (what lists attach). NULL if `text` is one of them, or why it is none, static. Pure.
 */
const char *haul_group_check(const char *text);

#endif
