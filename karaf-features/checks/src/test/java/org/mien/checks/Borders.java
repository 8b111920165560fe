// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Resource;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;

/**
 * Where the platform calls code of plugins, and where it takes what that throws: at the border, and
 * nowhere else. Who catches a {@code LinkageError} by hand forgets an {@code AssertionError}, holds
 * the plugin's class loader by the exception, or blames a plugin that was taken away.
 */
final class Borders {
    private static final String BORDER = "org/mien/core/internal/plugin/Border";

    /** What plugins implement. */
    private static final Set<String> PLUGINS =
            Set.of(
                    "org/mien/api/method/Backbone",
                    "org/mien/api/method/Method",
                    "org/mien/api/method/Model",
                    "org/mien/api/method/Phase$Objective",
                    "org/mien/api/method/Build$Gallery",
                    "org/mien/api/data/Dataset",
                    "org/mien/api/data/Dataset$Open",
                    "org/mien/api/data/Preprocessor",
                    "org/mien/api/data/Preprocessor$Step",
                    "org/mien/api/evaluate/Evaluator",
                    "org/mien/api/run/RunListener");

    /** Classes all of whose calls are made within one that went over the border. */
    private static final Map<String, String> WITHIN =
            Map.of(
                    "org/mien/core/internal/data/AsLearnt",
                    "a dataset around another, which is called as one",
                    "org/mien/core/internal/data/ChosenClasses",
                    "a dataset around another, which is called as one",
                    "org/mien/core/internal/model/Predictor",
                    "its forward pass",
                    "org/mien/core/internal/train/PhaseUpdate",
                    "a training, which is one call",
                    "org/mien/core/internal/train/TrainingLoop",
                    "a training, which is one call");

    /** Errors of which only the border knows what to do. */
    private static final Set<String> ERRORS =
            Set.of(
                    "java/lang/Throwable",
                    "java/lang/Error",
                    "java/lang/LinkageError",
                    "java/lang/NoClassDefFoundError",
                    "java/lang/AssertionError",
                    "java/lang/VirtualMachineError",
                    "java/lang/StackOverflowError",
                    "java/lang/IncompatibleClassChangeError",
                    "java/lang/AbstractMethodError");

    /** Who else takes whatever is thrown; none of them calls a plugin. */
    private static final Map<String, String> TAKERS =
            Map.of(
                    BORDER,
                    "the border",
                    "org/mien/core/internal/plugin/Leases",
                    "asks first whether a plugin went",
                    "org/mien/shell/internal/FerCommand",
                    "the end of a command",
                    "org/mien/shell/internal/Relay",
                    "hands over to another thread",
                    "org/mien/engine/Torch",
                    "libraries that do not load");

    private Borders() {}

    /**
     * Looks at a bundle of the platform.
     *
     * @return a line for each call or catch that is not at the border
     */
    static List<String> broken(String name, Jar jar) throws Exception {
        List<String> broken = new ArrayList<>();
        for (Map.Entry<String, Resource> entry : jar.getResources().entrySet()) {
            // What a bundle has from others' libraries never meets a plugin.
            if (entry.getKey().matches("org/mien/.*\\.class")) {
                try (InputStream in = entry.getValue().openInputStream()) {
                    ClassNode type = new ClassNode();
                    new ClassReader(in).accept(type, ClassReader.SKIP_DEBUG);
                    look(name, type, broken);
                }
            }
        }
        return List.copyOf(new TreeSet<>(broken));
    }

    private static void look(String name, ClassNode type, List<String> broken) {
        String top = type.name.replaceFirst("[$].*", "");
        Set<String> behind = behind(type);
        for (MethodNode method : type.methods) {
            boolean free = WITHIN.containsKey(top) || behind.contains(method.name);
            for (AbstractInsnNode code : method.instructions) {
                String called = free ? "" : called(code);
                if (!called.isEmpty()) {
                    broken.add(
                            name
                                    + ": "
                                    + type.name.replace('/', '.')
                                    + " calls "
                                    + called
                                    + " in '"
                                    + method.name
                                    + "' by itself; call it by way of Border");
                }
            }
            for (TryCatchBlockNode taken : method.tryCatchBlocks) {
                if (ERRORS.contains(taken.type == null ? "" : taken.type)
                        && !TAKERS.containsKey(top)
                        && !cleansUp(taken)) {
                    broken.add(
                            name
                                    + ": "
                                    + type.name.replace('/', '.')
                                    + " catches "
                                    + taken.type.replace('/', '.')
                                    + " in '"
                                    + method.name
                                    + "'; let Border make words of it, or throw it on as it is");
                }
            }
        }
    }

    /** What of a plugin is called, or handed on to be called by others than the border. */
    private static String called(AbstractInsnNode code) {
        if (code instanceof MethodInsnNode call && PLUGINS.contains(call.owner)) {
            return words(call.owner, call.name);
        }
        if (code instanceof InvokeDynamicInsnNode made && !isForBorder(made)) {
            for (Object argument : made.bsmArgs) {
                if (argument instanceof Handle body && PLUGINS.contains(body.getOwner())) {
                    return words(body.getOwner(), body.getName());
                }
            }
        }
        return "";
    }

    private static String words(String owner, String name) {
        return owner.replaceFirst(".*/", "") + "." + name;
    }

    private static boolean isForBorder(InvokeDynamicInsnNode made) {
        return made.desc.endsWith(")L" + BORDER + "$Call;")
                || made.desc.endsWith(")L" + BORDER + "$Act;");
    }

    /** Bodies of lambdas that the border calls, with lambdas within them. */
    private static Set<String> behind(ClassNode type) {
        Set<String> behind = new HashSet<>();
        int before;
        do {
            before = behind.size();
            for (MethodNode method : type.methods) {
                for (AbstractInsnNode code : method.instructions) {
                    if (code instanceof InvokeDynamicInsnNode made
                            && (isForBorder(made) || behind.contains(method.name))) {
                        for (Object argument : made.bsmArgs) {
                            if (argument instanceof Handle body
                                    && body.getOwner().equals(type.name)) {
                                behind.add(body.getName());
                            }
                        }
                    }
                }
            }
        } while (behind.size() > before);
        return behind;
    }

    /** Whether what is caught is thrown on, as try-with-resources does. */
    private static boolean cleansUp(TryCatchBlockNode taken) {
        for (AbstractInsnNode code = taken.handler; code != null; code = code.getNext()) {
            if (code.getOpcode() == Opcodes.ATHROW) {
                return true;
            }
            boolean leaves =
                    code.getOpcode() >= Opcodes.IRETURN && code.getOpcode() <= Opcodes.RETURN;
            if (leaves || code.getOpcode() == Opcodes.NEW) {
                return false;
            }
        }
        return false;
    }
}
