#ifndef HAUL_ENGINE_WIRING_INSIDE_H
#define HAUL_ENGINE_WIRING_INSIDE_H

#include "engine/wiring.h"

/* What wiring.c and wiring_store.c share; nobody else's business. */

/* Says the lines of a message, or keeps them, and empties it: after each step that may warn, so
 * that what is in it when a later one refuses the run is why. */
void haul_wiring_tell(struct haul_wiring *w, struct haul_buf *message);

/* The three steps: opening the store, if anything asks for one; looking up what it knows
 * (reuse.h); and, when nothing else can refuse the run any more, beginning the run in it. A history
 * that cannot be used is lost (wiring.h) at any of them. Errors as haul_wiring_make has them. */
HAUL_MUST_USE enum haul_err haul_wiring_open_store(struct haul_wiring *w, struct haul_buf *message);
HAUL_MUST_USE enum haul_err haul_wiring_open_lookup(struct haul_wiring *w,
                                                    struct haul_buf *message);
HAUL_MUST_USE enum haul_err haul_wiring_begin_store(struct haul_wiring *w,
                                                    struct haul_buf *message);

#endif
