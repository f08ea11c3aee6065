#ifndef HAUL_MODEL_STEP_H
#define HAUL_MODEL_STEP_H

/* What a request asks for: the body, or a step towards its size without it (http/size_probe.h). */
enum haul_step { HAUL_STEP_GET, HAUL_STEP_HEAD, HAUL_STEP_RANGE };

#endif
