import type { JobFault } from './job.ts';

/** A fault that ends something which is not a job. */
export class JobFaultError extends Error {
  override readonly name = 'JobFaultError';
  readonly fault: JobFault;

  constructor(fault: JobFault) {
    super(fault.message);
    this.fault = fault;
  }
}
