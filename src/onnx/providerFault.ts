import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Phrase } from '../base/phrase.ts';
import { defaultProvider } from './provider.ts';
import type { Provider } from './provider.ts';

/** The machine, and what its build of ONNX Runtime knows. */
interface Build {
  readonly platform: string;
  readonly backends: readonly string[];
}

const lacksHalf = 'requires f16';
const inFloat32 = phrase`This device has no half precision: export the model in float32, or choose the provider ${defaultProvider}.`;

/** Why a provider cannot be used, and what it needs. @param error of ONNX Runtime when a session was made with it */
export function providerFault({ message }: Error, provider: Provider, build: Build): InputError {
  return new InputError(phrase`ONNX Runtime cannot use the provider ${provider}: ${reason(message)}`, {
    file: 'onnxruntime-node', place: provider, remedy: message.includes(lacksHalf) ? inFloat32 : phrase`${need(provider, build)} Or choose another provider; docs/providers.md says what each needs.`,
  });
}

/** Why a network that was loaded failed on a provider. @param file of the network */
export function providerRunFault({ message }: Error, provider: Provider, file: string): InputError {
  return new InputError(phrase`the provider ${provider} fails: ${reason(message)}`, {
    file, place: provider, remedy: message.includes(lacksHalf) ? inFloat32
      : phrase`Choose the provider ${defaultProvider}, or another one; a smaller batch or model helps where memory ran out.`,
  });
}

function need(provider: Provider, { platform, backends }: Build): Phrase {
  if (!backends.includes(provider)) {
    const home = { coreml: 'macOS', dml: 'Windows', cuda: 'Linux' }[provider as string];
    return home === undefined ? phrase`This build knows ${backends.join(', ')}.` : phrase`It is there on ${home} only; this build (${platform}) knows ${backends.join(', ')}.`;
  }
  switch (provider) {
    case 'cuda': return phrase`Install an NVIDIA driver, CUDA and cuDNN, and put ONNX Runtime's libraries for CUDA beside its own.`;
    case 'webgpu': return platform === 'linux'
      ? phrase`Install the Vulkan loader and the driver of the GPU (Debian: libvulkan1, mesa-vulkan-drivers or NVIDIA's); vulkaninfo tells what it finds.`
      : phrase`Install the newest driver of the GPU.`;
    default: return phrase`Update the system and the driver of the GPU.`;
  }
}

/** What ONNX Runtime says, without the places in its source: its last sentence on the first line. */
function reason(message: string): string {
  const [line] = message.split('\n');
  return /(?:was false\.|Status Message:) (?<told>.+)$/.exec(line)?.groups?.told ?? line.replace(/^\S+\.cc:\d+ \S+ /, '');
}
