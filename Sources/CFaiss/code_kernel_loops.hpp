// The loops over rows of codes, included once per instruction set with KERNEL_TARGET (function attributes), and one()
// and four() for each form of code.

#ifdef KERNEL_BFLOAT16
#define ROWS_LOOP bfloat16Loop
#define ROWS_QUERY float
#define ROWS_CODE uint16_t
#include "rows_loop.hpp"
#endif

#ifdef KERNEL_INT8
#define ROWS_LOOP int8Loop
#define ROWS_QUERY int8_t
#define ROWS_CODE uint8_t
#include "rows_loop.hpp"
#endif
