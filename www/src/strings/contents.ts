/** The words of the table of contents. */

export const contents = {
  done: "done",
  read: "read; its figures are still to be tried",
  count: (tried: string, all: string) => `${tried} of ${all} figures tried`,
};
