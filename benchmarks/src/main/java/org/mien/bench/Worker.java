// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.method.Backbone;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.nn.spi.Images;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.Parts;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.TrainingStep;
import org.mien.nn.spi.Weights;
import org.mien.plugin.ir50.Ir50;
import org.mien.plugin.mae.MaeMethod;
import org.mien.plugin.mae.Settings;
import org.mien.plugin.resnet18.ResNet18;
import org.mien.plugin.vit.Vit;
import org.mien.plugin.vit.VitTiny;
import org.mien.vision.Limits;
import org.mien.vision.OpenCv;
import org.mien.weights.BadWeights;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** The platform's side of a benchmark, a {@link Child}; {@code peer.py} is the other. */
final class Worker {
    private static final int SIDE = 112;
    private static final int CLASSES = 7;

    private Worker() {}

    /** What the losses ask of a batch. */
    private record Given(InputSpec input, NDArray face, NDArray targets, List<Sample> samples)
            implements Batch {
        static Given of(InputSpec input, NDArray face, NDArray targets) {
            List<Sample> samples = new ArrayList<>();
            for (int i = 0; i < face.getShape().get(0); i++) {
                samples.add(Sample.of("s" + i, "").split(Sample.Split.TRAIN).build());
            }
            return new Given(input, face, targets, samples);
        }

        @Override
        public int size() {
            return samples.size();
        }

        @Override
        public NDArray view(String name) {
            return face;
        }

        @Override
        public NDArray labels() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray weights() {
            return null;
        }

        @Override
        public NDArray multiLabel() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray values() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray known(Target target) {
            throw new IllegalStateException();
        }

        @Override
        public NDArray index() {
            throw new IllegalStateException();
        }

        @Override
        public void relabel(NDArray where, NDArray labels) {
            throw new IllegalStateException();
        }
    }

    /**
     * Measures as it is asked to on standard input.
     *
     * @param arguments name of the benchmark and, where it reads them, the folder of photographs
     */
    public static void main(String[] arguments) throws IOException {
        Torch torch = Torch.start(Path.of(System.getProperty("mien.torch")));
        torch.threads(torch.allThreads()); // as a run does, for as long as this process lives
        double idle = memory("VmRSS");
        DoubleSupplier measure =
                switch (arguments[0]) {
                    case "train" -> train(torch, Network.resnet18(SIDE), 16);
                    case "infer-1" -> infer(torch, Network.resnet18(SIDE), 1);
                    case "infer-16" -> infer(torch, Network.resnet18(SIDE), 16);
                    case "vit-train" -> train(torch, Network.vit(), 8);
                    case "mae-train" -> mae(torch);
                    case "vit-predict" -> infer(torch, Network.vit(), 1);
                    case "ir50-predict-1" -> infer(torch, Network.ir50(), 1);
                    case "ir50-predict-16" -> infer(torch, Network.ir50(), 16);
                    case "input" -> input(torch, Path.of(arguments[1]));
                    case "weights" -> weights(Path.of(arguments[1]));
                    case "busy" -> small(torch);
                    default -> throw new IllegalArgumentException(arguments[0]);
                };
        long begin = System.nanoTime();
        double seconds = Double.parseDouble(System.getProperty("mien.bench.warm", "3"));
        do {
            measure.getAsDouble();
        } while (System.nanoTime() - begin < seconds * 1e9);
        say(
                String.join(
                        "\t",
                        "ready",
                        "libtorch=" + torch.version(),
                        "onednn=" + torch.oneDnn().name().toLowerCase(Locale.ROOT),
                        "opencv=" + OpenCv.version(),
                        "java=" + Runtime.version(),
                        "idle=" + idle,
                        "threads=" + torch.threads()));
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            if (line.equals("end")) {
                say(Double.toString(memory("VmHWM")));
                System.exit(0);
            }
            say(Double.toString(measure.getAsDouble()));
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Memory of this process in MB: VmRSS now, VmHWM the most it ever had. */
    private static double memory(String what) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(what + ":"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    /** A network with its weights; without a head it gives what its last stage does. */
    private record Network(Trunk trunk, Linear head, Weights weights) {
        private static <S extends Record> Network of(
                Backbone<S> backbone, S settings, Linear head) {
            Trunk trunk = backbone.trunk(settings, backbone.input(settings));
            Weights weights = new Weights(Device.cpu());
            weights.add("backbone", trunk);
            if (head != null) {
                weights.add("head", head);
            }
            return new Network(trunk, head, weights);
        }

        /** To train: its weights start as they do. */
        void fill() {
            weights.fill(1);
        }

        /** To predict: its weights are read when they are needed, as those of a run are. */
        void open() {
            weights.from(
                    (entry, from, into) -> {
                        long[] shape = entry.var().shape();
                        float scale = (float) Math.sqrt(2.0 * shape[0] / entry.var().size());
                        for (int i = 0; i < into.length; i++) {
                            long at = from + i;
                            into[i] = shape.length == 1 ? 1 : scale * ((at * 7919 % 13) - 6) / 4;
                        }
                    });
        }

        static Network resnet18(int side) {
            return of(new ResNet18(), new ResNet18.Settings(side), new Linear(512, CLASSES));
        }

        static Network vit() {
            return of(new VitTiny(), vit(Vit.Places.LEARNED), new Linear(192, CLASSES));
        }

        /** ViT-T with patches of 16 at 224 x 224. */
        static Vit.Settings vit(Vit.Places places) {
            return new Vit.Settings(224, 16, places, 0, 0, 0, Vit.Pixels.IMAGENET);
        }

        /** With its output layer, for embeddings. */
        static Network ir50() {
            return of(new Ir50(), new Ir50.Settings(SIDE, true, 0.5), null);
        }

        NDArray scores(TorchPass pass, NDArray x) {
            NDArray y = trunk.run(pass, x);
            return head == null ? y : head.run(pass, y);
        }
    }

    /** Pixels of n pictures as a loader gives them. */
    private static ByteBuffer pixels(Trunk trunk, int n) {
        int side = trunk.input().height();
        ByteBuffer pixels = ByteBuffer.allocateDirect(n * side * side * 3);
        for (int i = 0; pixels.hasRemaining(); i++) {
            pixels.put((byte) (i * 31 + i / 97));
        }
        return pixels.flip();
    }

    private static Optimizer adamw(Weights weights, double beta2, double decay) {
        List<String> trained = new ArrayList<>();
        for (Weights.Entry entry : weights.entries().values()) {
            if (entry.var().trained()) {
                trained.add(entry.path());
            }
        }
        return new Optimizer(
                new Optimizer.Settings(Optimizer.Rule.ADAMW, 0, false, 0.9, beta2, 1e-8),
                weights,
                List.of(new Optimizer.Group(trained, 1, decay)));
    }

    /** Milliseconds of a step: forward, backward, AdamW, and the value of the loss. */
    private static DoubleSupplier train(Torch torch, Network net, int n) {
        net.fill();
        Optimizer optimizer = adamw(net.weights(), 0.999, 0.01);
        ByteBuffer pixels = pixels(net.trunk(), n);
        float[] targets = new float[n * CLASSES];
        for (int i = 0; i < n; i++) {
            targets[i * CLASSES + i % CLASSES] = 1;
        }
        return () -> {
            try (Scope scope = torch.training(Device.cpu())) {
                NDArray x = Images.tensor(scope.manager(), pixels, n, net.trunk().input());
                NDArray to = scope.manager().create(targets, new Shape(n, CLASSES));
                long begin = System.nanoTime();
                TorchPass pass =
                        TorchPass.training(net.weights(), scope, new TorchPass.Clock(1, 0, 0));
                pass.begin("train", net.weights().entries().keySet());
                NDArray loss =
                        pass.crossEntropy(
                                net.scores(pass, x), Given.of(net.trunk().input(), x, to));
                Map<String, NDArray> gradients = pass.gradients(loss);
                scope.quiet(() -> optimizer.update(gradients, 1e-3));
                pass.commit();
                loss.getFloat();
                return (System.nanoTime() - begin) / 1e6;
            }
        };
    }

    /** Pictures a second of steps so small that threads wait for each other all the time. */
    private static DoubleSupplier small(Torch torch) {
        DoubleSupplier step = train(torch, Network.resnet18(32), 32);
        return () -> 32 / (step.getAsDouble() / 1e3);
    }

    /** Milliseconds of a step of the method {@code mae} on ViT-T, as a training makes it. */
    private static DoubleSupplier mae(Torch torch) {
        int n = 16;
        Vit.Settings vit = Network.vit(Vit.Places.FIXED);
        VitTiny backbone = new VitTiny();
        Trunk trunk =
                Parts.cut(backbone.trunk(vit, backbone.input(vit)), Set.of(Feature.Kind.TOKENS));
        MaeMethod method = new MaeMethod();
        Settings settings = new Settings(0.75, true, 0, 8, 0);
        Parts parts = new Parts(trunk, trunk.input(), Targets.none());
        Model model = method.build(parts, settings);
        Phase phase = model.phases(parts.training(new long[0])).get(0);
        Weights weights = new Weights(Device.cpu());
        parts.hang(weights);
        weights.fill(1);
        Set<String> moved = TrainingStep.moved(phase, weights);
        Optimizer optimizer = adamw(weights, 0.95, 0.05);
        ByteBuffer pixels = pixels(trunk, n);
        return () -> {
            try (Scope scope = torch.training(Device.cpu())) {
                NDArray x = Images.tensor(scope.manager(), pixels, n, trunk.input());
                Given batch = Given.of(trunk.input(), x, null);
                long begin = System.nanoTime();
                TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
                TrainingStep step = TrainingStep.forward(phase, moved, batch, pass);
                step.update(
                        gradients -> {
                            optimizer.update(gradients, 1e-3);
                            return true;
                        });
                return (System.nanoTime() - begin) / 1e6;
            }
        };
    }

    /** Milliseconds from the tensor of n pictures to their probabilities or embeddings. */
    private static DoubleSupplier infer(Torch torch, Network net, int n) {
        net.open();
        ByteBuffer pixels = pixels(net.trunk(), n);
        return () -> {
            try (Scope scope = torch.inference(Device.cpu())) {
                NDArray x = Images.tensor(scope.manager(), pixels, n, net.trunk().input());
                long begin = System.nanoTime();
                TorchPass pass = TorchPass.inference(net.weights(), scope);
                NDArray y = net.scores(pass, x);
                (net.head() == null ? y : y.softmax(-1)).toFloatArray();
                return (System.nanoTime() - begin) / 1e6;
            }
        };
    }

    /** Pictures a second from JPEG files in memory to normalised batches of 16. */
    private static DoubleSupplier input(Torch torch, Path folder) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.sorted().toList()) {
                files.add(Files.readAllBytes(path));
            }
        }
        InputSpec input = new ResNet18().input(new ResNet18.Settings(224));
        return () -> {
            long begin = System.nanoTime();
            for (int from = 0; from < files.size(); from += 16) {
                int to = Math.min(files.size(), from + 16);
                ByteBuffer pixels = ByteBuffer.allocateDirect((to - from) * 224 * 224 * 3);
                for (byte[] file : files.subList(from, to)) {
                    pixels.put(decoded(file).bytes());
                }
                try (Scope scope = torch.inference(Device.cpu())) {
                    Images.tensor(scope.manager(), pixels.flip(), to - from, input);
                }
            }
            return files.size() / ((System.nanoTime() - begin) / 1e9);
        };
    }

    /** MB a second from a state dict of PyTorch to floats. */
    private static DoubleSupplier weights(Path folder) throws IOException {
        Path path = StateDict.write(folder.resolveSibling("weights.pth"));
        return () -> {
            long begin = System.nanoTime();
            long bytes = 0;
            try (WeightsFile file = WeightsFile.open(path)) {
                for (Tensor tensor : file.tensors().values()) {
                    bytes += 4L * file.floats(tensor).length;
                }
            } catch (BadWeights e) {
                throw new IllegalStateException(e);
            }
            return bytes / 1e6 / ((System.nanoTime() - begin) / 1e9);
        };
    }

    private static Picture decoded(byte[] file) {
        try {
            return org.mien.vision.Images.decode(
                    Picture.encoded(ByteBuffer.wrap(file)), Limits.DEFAULT);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
