#ifndef HAUL_MODEL_SECRET_FIELD_H
#define HAUL_MODEL_SECRET_FIELD_H

#include <stdbool.h>

/*
 * Whether a header field, "Name: value" or "Name;", tells who asks, so that its value is a secret:
 * in doubt it does. It goes by the name alone. Pure, any thread.
 */
bool haul_secret_field_tells_who_asks(const char *field);

#endif
