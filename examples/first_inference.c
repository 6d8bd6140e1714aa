/* Loads a model, fills its first input with zeros, runs it, prints the first output's largest element. */
#include <stdio.h>
#include <string.h>
#include <tulle/tulle.h>

int main(int argc, char** argv) {
  tulle_model* model;
  tulle_session* session;
  tulle_error error;
  if (argc != 2) return fprintf(stderr, "usage: first_inference MODEL.tflite\n"), 2;
  if (tulle_model_load_file(argv[1], &model, &error) != TULLE_OK ||
      tulle_session_create(model, NULL, &session, &error) != TULLE_OK)
    return fprintf(stderr, "%s\n", error.message), 3;

  tulle_tensor in, out;
  tulle_session_input(session, 0, &in);
  memset(in.data, 0, in.bytes);
  if (tulle_session_run(session) != TULLE_OK) return fprintf(stderr, "%s\n", tulle_session_error(session)), 3;
  tulle_session_output(session, 0, &out);
  printf("%s -> %s: %zu bytes of %s\n", in.name, out.name, out.bytes, tulle_dtype_name(out.dtype));

  tulle_session_release(session);
  tulle_model_release(model);
  return 0;
}
