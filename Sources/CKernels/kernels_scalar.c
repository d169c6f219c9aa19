// The scalar twin: the same formulas, unoptimised, in the order they are written. Tests compare the others with it.
#include "CKernels.h"

#pragma clang optimize off
#define CK_SUFFIX scalar
#define CK_SCALAR 1
#include "template/all.h"
