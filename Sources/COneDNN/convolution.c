#include "conednn.h"

#include <dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2 && DNNL_VERSION_MAJOR != 3
#error "this bridge is written for oneDNN 2.x and 3.x"
#endif

#define TRY(call)                                  \
  do {                                             \
    dnnl_status_t status_ = (call);                \
    if (status_ != dnnl_success) return (int)status_; \
  } while (0)

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static dnnl_status_t engine_status;

__attribute__((constructor)) static void create_engine(void) {
  engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0);
  if (engine_status == dnnl_success) engine_status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
}

// One tensor of a convolution: the caller's layout, the primitive's, and the way between them.
typedef struct {
  dnnl_memory_t outside_memory, inside_memory;
  dnnl_primitive_t reorder;  // null where both layouts are the same
  size_t inside_size;        // bytes
  size_t scratch_offset;     // of the inside copy
  int argument;
} operand;

enum { OPERAND0 = 0, OPERAND1 = 1, RESULT = 2, OPERANDS = 3 };

struct conednn_convolution {
  int direction;
  dnnl_primitive_t primitive;
  operand operands[OPERANDS];
  int weight_operand;
  dnnl_memory_t bias_memory, scratchpad_memory;
  size_t scratchpad_offset, scratch_size;
  char implementation[64];
};

// Everything in which the two major versions differ. A memory descriptor is a value in oneDNN 2, and an object that its
// maker destroys in oneDNN 3; a `layout` is one that somebody else keeps. A convolution is described in two steps in
// oneDNN 2, and in one in oneDNN 3.

typedef struct {
  dnnl_memory_desc_t input, weight, weight_gradient, bias, output, plain_weight;
} descriptors;

typedef struct {
  dnnl_dims_t strides, dilates, before, after;
} geometry;

#if DNNL_VERSION_MAJOR == 2

typedef const dnnl_memory_desc_t *layout;

static layout layout_of(const dnnl_memory_desc_t *descriptor) { return descriptor; }

static dnnl_status_t make_descriptor(dnnl_memory_desc_t *result, int axes, const dnnl_dims_t extents,
                                     dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(result, axes, extents, type, tag);
}

static void destroy_descriptors(descriptors *d) { (void)d; }

static dnnl_status_t append_relu(dnnl_post_ops_t operations, float negative_slope) {
  return dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, negative_slope, 0);
}

static dnnl_status_t describe_direction(const descriptors *d, const geometry *g, int direction, int has_bias,
                                        const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes,
                                        dnnl_primitive_desc_t *result) {
  dnnl_convolution_desc_t step;
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  dnnl_status_t status =
      direction == CONEDNN_FORWARD
          ? dnnl_dilated_convolution_forward_desc_init(&step, dnnl_forward_training, direct, &d->input, &d->weight,
                                                       has_bias ? &d->bias : NULL, &d->output, g->strides, g->dilates,
                                                       g->before, g->after)
      : direction == CONEDNN_DATA_GRADIENT
          ? dnnl_dilated_convolution_backward_data_desc_init(&step, direct, &d->input, &d->weight, &d->output,
                                                             g->strides, g->dilates, g->before, g->after)
          : dnnl_dilated_convolution_backward_weights_desc_init(&step, direct, &d->input, &d->weight_gradient, NULL,
                                                                &d->output, g->strides, g->dilates, g->before,
                                                                g->after);
  return status ? status : dnnl_primitive_desc_create(result, &step, attributes, engine, forward);
}

static dnnl_status_t next_implementation(dnnl_primitive_desc_t descriptor) {
  (void)descriptor;
  return dnnl_unimplemented;  // none of this version's is passed over
}

#else

typedef const_dnnl_memory_desc_t layout;

static layout layout_of(const dnnl_memory_desc_t *descriptor) { return *descriptor; }

static dnnl_status_t make_descriptor(dnnl_memory_desc_t *result, int axes, const dnnl_dims_t extents,
                                     dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(result, axes, extents, type, tag);
}

static void destroy_descriptors(descriptors *d) {
  dnnl_memory_desc_t all[] = {d->input, d->weight, d->weight_gradient, d->bias, d->output, d->plain_weight};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i]) dnnl_memory_desc_destroy(all[i]);
}

static dnnl_status_t append_relu(dnnl_post_ops_t operations, float negative_slope) {
  return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, negative_slope, 0);
}

static dnnl_status_t describe_direction(const descriptors *d, const geometry *g, int direction, int has_bias,
                                        const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes,
                                        dnnl_primitive_desc_t *result) {
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  return direction == CONEDNN_FORWARD
             ? dnnl_convolution_forward_primitive_desc_create(
                   result, engine, dnnl_forward_training, direct, d->input, d->weight, has_bias ? d->bias : NULL,
                   d->output, g->strides, g->dilates, g->before, g->after, attributes)
         : direction == CONEDNN_DATA_GRADIENT
             ? dnnl_convolution_backward_data_primitive_desc_create(
                   result, engine, direct, d->input, d->weight, d->output, g->strides, g->dilates, g->before, g->after,
                   forward, attributes)
             : dnnl_convolution_backward_weights_primitive_desc_create(
                   result, engine, direct, d->input, d->weight_gradient, NULL, d->output, g->strides, g->dilates,
                   g->before, g->after, forward, attributes);
}

static dnnl_status_t next_implementation(dnnl_primitive_desc_t descriptor) {
  return dnnl_primitive_desc_next_impl(descriptor);
}

#endif

// From here on the versions are alike.

static dnnl_format_tag_t tag_of_block(int block) {
  return block == 16 ? dnnl_nChw16c : block == 8 ? dnnl_nChw8c : dnnl_nchw;
}

// The tensors of a convolution, in the caller's layouts or those of the library's choice; the caller destroys them,
// whatever the status.
static int describe_tensors(const conednn_convolution_shape *s, int library_layouts, descriptors *d) {
  dnnl_dims_t input = {s->batch, s->input_channels, s->input_height, s->input_width};
  dnnl_dims_t weight = {s->output_channels, s->input_channels, s->kernel_height, s->kernel_width};
  dnnl_dims_t output = {s->batch, s->output_channels, s->output_height, s->output_width};
  dnnl_dims_t bias = {s->output_channels};
  dnnl_format_tag_t any = dnnl_format_tag_any;
  dnnl_data_type_t type = s->is_bfloat16 ? dnnl_bf16 : dnnl_f32;
  memset(d, 0, sizeof *d);
  TRY(make_descriptor(&d->input, 4, input, type, library_layouts ? any : tag_of_block(s->input_block)));
  TRY(make_descriptor(&d->output, 4, output, type, library_layouts ? any : tag_of_block(s->output_block)));
  // Weights are rounded like the maps that they multiply; the sums of their gradient stay as exact as they are.
  TRY(make_descriptor(&d->weight, 4, weight, type, any));
  TRY(make_descriptor(&d->weight_gradient, 4, weight, dnnl_f32, any));
  TRY(make_descriptor(&d->plain_weight, 4, weight, dnnl_f32, dnnl_oihw));
  TRY(make_descriptor(&d->bias, 1, bias, dnnl_f32, dnnl_a));
  return 0;
}

static geometry geometry_of(const conednn_convolution_shape *s) {
  int reach_h = (s->output_height - 1) * s->stride + (s->kernel_height - 1) * s->dilation + 1;
  int reach_w = (s->output_width - 1) * s->stride + (s->kernel_width - 1) * s->dilation + 1;
  return (geometry){
      .strides = {s->stride, s->stride},
      .dilates = {s->dilation - 1, s->dilation - 1},
      .before = {s->padding, s->padding},
      .after = {reach_h - s->input_height - s->padding, reach_w - s->input_width - s->padding},
  };
}

static int set_attributes(const conednn_convolution_shape *s, int direction, dnnl_primitive_attr_t attributes) {
  TRY(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
  if (direction != CONEDNN_FORWARD || !s->has_activation) return 0;
  dnnl_post_ops_t activation;
  TRY(dnnl_post_ops_create(&activation));
  dnnl_status_t status = append_relu(activation, s->negative_slope);
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, activation);
  dnnl_post_ops_destroy(activation);
  return (int)status;
}

static const char *implementation_of(const_dnnl_primitive_desc_t descriptor) {
  const char *name = NULL;
  dnnl_status_t status = dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name);
  return status == dnnl_success && name ? name : "";
}

// oneDNN 3 puts code for channels-last maps first where a gradient by few channels has a stride. Both operands are
// copied for it, so that it takes up to twice as long as what comes next, oneDNN 2's choice. With AMX it pays.
static int is_passed_over(const char *name) { return strncmp(name, "brgconv", 7) == 0 && !strstr(name, "amx"); }

// The primitive descriptor of a direction; the caller destroys it.
static int describe_primitive(const conednn_convolution_shape *s, int direction, int library_layouts,
                              const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *result) {
  descriptors d;
  geometry g = geometry_of(s);
  dnnl_primitive_desc_t forward = NULL;  // where a gradient's description starts
  int status = describe_tensors(s, library_layouts, &d);
  if (status == 0 && direction != CONEDNN_FORWARD)
    status = (int)describe_direction(&d, &g, CONEDNN_FORWARD, 0, NULL, NULL, &forward);
  if (status == 0) status = (int)describe_direction(&d, &g, direction, s->has_bias, forward, attributes, result);
  while (status == 0 && is_passed_over(implementation_of(*result))) {
    if (next_implementation(*result) == dnnl_success) continue;
    dnnl_primitive_desc_destroy(*result);
    *result = NULL;
    status = (int)describe_direction(&d, &g, direction, s->has_bias, forward, attributes, result);
    break;
  }
  if (forward) dnnl_primitive_desc_destroy(forward);
  destroy_descriptors(&d);
  return status;
}

static int is_generated(const char *name) { return strncmp(name, "jit", 3) == 0 || strncmp(name, "brg", 3) == 0; }

// The caller's layouts where the library has generated code for them, else the layouts that the library prefers.
static int choose_primitive(const conednn_convolution_shape *s, int direction, dnnl_primitive_desc_t *result) {
  dnnl_primitive_attr_t attributes;
  TRY(dnnl_primitive_attr_create(&attributes));
  int status = set_attributes(s, direction, attributes);
  if (status == 0) {
    dnnl_primitive_desc_t preferred = NULL;
    status = describe_primitive(s, direction, 0, attributes, &preferred);
    if (status == 0 && is_generated(implementation_of(preferred))) {
      *result = preferred;
    } else {
      if (preferred) dnnl_primitive_desc_destroy(preferred);
      status = describe_primitive(s, direction, 1, attributes, result);
    }
  }
  dnnl_primitive_attr_destroy(attributes);
  return status;
}

extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int count);

static size_t aligned(size_t size) { return (size + 63) / 64 * 64; }

static int prepare_operand(struct conednn_convolution *c, int index, layout outside, layout inside) {
  operand *o = &c->operands[index];
  o->inside_size = dnnl_memory_desc_get_size(inside);
  TRY(dnnl_memory_create(&o->inside_memory, inside, engine, DNNL_MEMORY_NONE));
  TRY(dnnl_memory_create(&o->outside_memory, outside, engine, DNNL_MEMORY_NONE));
  if (dnnl_memory_desc_equal(outside, inside)) return 0;
  int is_result = index == RESULT;
  dnnl_primitive_desc_t descriptor;
  TRY(dnnl_reorder_primitive_desc_create(&descriptor, is_result ? inside : outside, engine,
                                         is_result ? outside : inside, engine, NULL));
  dnnl_status_t status = dnnl_primitive_create(&o->reorder, descriptor);
  dnnl_primitive_desc_destroy(descriptor);
  o->scratch_offset = c->scratch_size;
  if (index != c->weight_operand || is_result) c->scratch_size += aligned(o->inside_size);
  return (int)status;
}

// Makes a convolution's primitive, and the ways from the caller's layouts to it.
static int build(const conednn_convolution_shape *s, int direction, dnnl_primitive_desc_t descriptor,
                 const descriptors *d, struct conednn_convolution *c) {
  static const dnnl_query_t queries[3][OPERANDS] = {
      {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
      {dnnl_query_diff_dst_md, dnnl_query_weights_md, dnnl_query_diff_src_md},
      {dnnl_query_src_md, dnnl_query_diff_dst_md, dnnl_query_diff_weights_md}};
  static const int arguments[3][OPERANDS] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                                             {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
                                             {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS}};
  layout input = layout_of(&d->input), output = layout_of(&d->output), weight = layout_of(&d->plain_weight);
  layout outside[3][OPERANDS] = {{input, weight, output}, {output, weight, input}, {input, output, weight}};
  c->direction = direction;
  c->weight_operand = direction == CONEDNN_WEIGHT_GRADIENT ? RESULT : OPERAND1;
  for (int i = 0; i < OPERANDS; i++) {
    c->operands[i].argument = arguments[direction][i];
    layout inside = dnnl_primitive_desc_query_md(descriptor, queries[direction][i], 0);
    int status = prepare_operand(c, i, outside[direction][i], inside);
    if (status) return status;
  }
  layout scratchpad = dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0);
  TRY(dnnl_memory_create(&c->scratchpad_memory, scratchpad, engine, DNNL_MEMORY_NONE));
  c->scratchpad_offset = c->scratch_size;
  c->scratch_size += aligned(dnnl_memory_desc_get_size(scratchpad));
  if (direction == CONEDNN_FORWARD && s->has_bias)
    TRY(dnnl_memory_create(&c->bias_memory, layout_of(&d->bias), engine, DNNL_MEMORY_NONE));
  snprintf(c->implementation, sizeof c->implementation, "%s", implementation_of(descriptor));
  TRY(dnnl_primitive_create(&c->primitive, descriptor));
  return 0;
}

static int make_convolution(const conednn_convolution_shape *s, int direction, struct conednn_convolution *c) {
  dnnl_primitive_desc_t descriptor;
  int status = choose_primitive(s, direction, &descriptor);
  if (status) return status;
  descriptors d;
  status = describe_tensors(s, 0, &d);
  if (status == 0) status = build(s, direction, descriptor, &d, c);
  destroy_descriptors(&d);
  dnnl_primitive_desc_destroy(descriptor);
  return status;
}

int32_t conednn_convolution_create(const conednn_convolution_shape *shape, int32_t direction,
                                   conednn_convolution_t *result) {
  *result = NULL;
  TRY(engine_status);
  struct conednn_convolution *c = calloc(1, sizeof *c);
  if (!c) return (int)dnnl_out_of_memory;
  // A primitive shares its work among as many threads as there are when it is made, and the sums of a weight gradient
  // depend on the shares: made for one thread, it has the same bits whatever the number of threads.
  int threads = omp_get_max_threads();
  if (direction == CONEDNN_WEIGHT_GRADIENT) omp_set_num_threads(1);
  int status = make_convolution(shape, direction, c);
  omp_set_num_threads(threads);
  if (status == 0) {
    *result = c;
  } else {
    conednn_convolution_destroy(c);
  }
  return status;
}

void conednn_convolution_destroy(conednn_convolution_t c) {
  for (int i = 0; i < OPERANDS; i++) {
    operand *o = &c->operands[i];
    if (o->reorder) dnnl_primitive_destroy(o->reorder);
    if (o->inside_memory) dnnl_memory_destroy(o->inside_memory);
    if (o->outside_memory) dnnl_memory_destroy(o->outside_memory);
  }
  if (c->bias_memory) dnnl_memory_destroy(c->bias_memory);
  if (c->scratchpad_memory) dnnl_memory_destroy(c->scratchpad_memory);
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  free(c);
}

const char *conednn_convolution_implementation(conednn_convolution_t c) { return c->implementation; }

int32_t conednn_convolution_reorders(conednn_convolution_t c) {
  int count = 0;
  for (int i = 0; i < OPERANDS; i++) count += i != c->weight_operand && c->operands[i].reorder != NULL;
  return count;
}

size_t conednn_convolution_packed_weight_size(conednn_convolution_t c) {
  return c->operands[c->weight_operand].inside_size;
}

size_t conednn_convolution_scratch_size(conednn_convolution_t c) { return c->scratch_size + 64; }

// Copies between an operand's two layouts, in the direction that it has.
static int run_reorder(operand *o, int is_result) {
  dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, is_result ? o->inside_memory : o->outside_memory},
                                 {DNNL_ARG_TO, is_result ? o->outside_memory : o->inside_memory}};
  TRY(dnnl_primitive_execute(o->reorder, stream, 2, arguments));
  return 0;
}

int32_t conednn_convolution_pack_weight(conednn_convolution_t c, const float *weight, void *packed) {
  operand *o = &c->operands[c->weight_operand];
  if (!o->reorder) {
    memcpy(packed, weight, o->inside_size);
    return 0;
  }
  TRY(dnnl_memory_set_data_handle(o->outside_memory, (void *)weight));
  TRY(dnnl_memory_set_data_handle(o->inside_memory, packed));
  return run_reorder(o, 0);
}

int32_t conednn_convolution_execute(conednn_convolution_t c, const void *operand0, const void *operand1,
                                    const float *bias, void *result, void *scratch) {
  void *outside[OPERANDS] = {(void *)operand0, (void *)operand1, result};
  dnnl_exec_arg_t arguments[OPERANDS + 2];
  int count = 0;
  for (int i = 0; i < OPERANDS; i++) {
    operand *o = &c->operands[i];
    int is_packed = i == c->weight_operand && i != RESULT;
    int copies = o->reorder && !is_packed;
    TRY(dnnl_memory_set_data_handle(o->inside_memory, copies ? (char *)scratch + o->scratch_offset : outside[i]));
    if (copies) {
      TRY(dnnl_memory_set_data_handle(o->outside_memory, outside[i]));
      if (i != RESULT) {
        int status = run_reorder(o, 0);
        if (status) return status;
      }
    }
    arguments[count++] = (dnnl_exec_arg_t){o->argument, o->inside_memory};
  }
  TRY(dnnl_memory_set_data_handle(c->scratchpad_memory, (char *)scratch + c->scratchpad_offset));
  arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, c->scratchpad_memory};
  if (c->bias_memory) {
    TRY(dnnl_memory_set_data_handle(c->bias_memory, (void *)bias));
    arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, c->bias_memory};
  }
  TRY(dnnl_primitive_execute(c->primitive, stream, count, arguments));
  operand *r = &c->operands[RESULT];
  return r->reorder ? run_reorder(r, 1) : 0;
}

int32_t conednn_multiplies_bfloat16(void) {
  return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

const char *conednn_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}

const char *conednn_status_message(int32_t status) {
  switch (status) {
    case dnnl_success: return "no error";
    case dnnl_out_of_memory: return "oneDNN is out of memory";
    case dnnl_invalid_arguments: return "oneDNN refused the arguments";
    case dnnl_unimplemented: return "oneDNN has no implementation for this shape on this processor";
    case dnnl_runtime_error: return "oneDNN failed while running";
    default: return "oneDNN failed";
  }
}
