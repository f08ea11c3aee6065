#ifndef HAUL_MODEL_VERSION_H
#define HAUL_MODEL_VERSION_H

/* The build defines the version; a file compiled by hand does without. */
#ifndef HAUL_VERSION
#define HAUL_VERSION "0-unbuilt"
#endif

#endif
