// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A dataset as its owners give it, whose labels stand in lists and not in the names of folders: a
 * reader of class folders would find classes such as {@code basic} or {@code images} in it.
 *
 * @param dataset as it is called
 * @param markers what lies in its folder, any of them
 * @param labels where its labels stand
 * @param next what to do
 */
record KnownTree(String dataset, List<String> markers, String labels, String next) {
    private static final String OWN =
            "Take a dataset plugin of its own (./mien plugin-list names those that are installed),"
                    + " or make folders of its classes, as links: see the README of image-folder.";

    private static final List<KnownTree> ALL =
            List.of(
                    new KnownTree(
                            "RAF-DB",
                            List.of(
                                    "basic/EmoLabel",
                                    "basic/Image",
                                    "compound/EmoLabel",
                                    "compound/Image",
                                    "EmoLabel/list_patition_label.txt",
                                    "Image/aligned",
                                    "Image/original"),
                            "EmoLabel/list_patition_label.txt",
                            OWN),
                    new KnownTree(
                            "AffectNet",
                            List.of(
                                    "Manually_Annotated",
                                    "Manually_Annotated_Images",
                                    "Manually_Annotated_file_lists",
                                    "Automatically_Annotated",
                                    "Automatically_Annotated_Images",
                                    "Automatically_annotated_file_list",
                                    "Automatically_Annotated_file_lists",
                                    "train_set/annotations",
                                    "val_set/annotations"),
                            "tables (training.csv, validation.csv) or annotations/N_exp.npy",
                            OWN),
                    new KnownTree(
                            "a copy of AffectNet for detectors",
                            List.of(
                                    "train/images",
                                    "train/labels",
                                    "train/annotations",
                                    "valid/images",
                                    "images/train",
                                    "labels/train"),
                            "the first number of each file in labels",
                            OWN),
                    new KnownTree(
                            "FER2013 in the parts of its challenge",
                            List.of("PublicTest", "PrivateTest"),
                            "class folders of Training, PublicTest and PrivateTest",
                            "Rename them to train, val and test (publications test on"
                                    + " PrivateTest), or take dataset = fer2013 and its CSV."),
                    new KnownTree(
                            "FER+",
                            List.of("FER2013Train", "FER2013Valid", "FER2013Test"),
                            "label.csv",
                            "Take dataset = fer2013, its CSV and the votes of FER+."),
                    new KnownTree(
                            "CK+",
                            List.of("cohn-kanade-images", "extended-cohn-kanade-images"),
                            "Emotion/SUBJECT/SEQUENCE/.._emotion.txt",
                            OWN),
                    new KnownTree(
                            "Oulu-CASIA",
                            List.of(
                                    "B_OriginalImg",
                                    "OriginalImg",
                                    "OriginalImg/VL",
                                    "VL/Strong",
                                    "NI/Strong"),
                            "the folders of each person",
                            OWN),
                    new KnownTree(
                            "KDEF",
                            List.of("KDEF_and_AKDEF", "KDEF/AF01", "AF01"),
                            "the letters of each file's name, such as AN in AF01ANS.JPG",
                            OWN),
                    new KnownTree("ExpW", List.of("label/label.lst"), "label/label.lst", OWN),
                    new KnownTree(
                            "MMI",
                            List.of("Sessions/1/session.xml"),
                            "the xml of each session",
                            OWN),
                    new KnownTree(
                            "CAS(ME)^3",
                            List.of("part_A/data", "Part_A_ME_clip"),
                            "tables (.xlsx)",
                            OWN),
                    new KnownTree(
                            "Aff-Wild2",
                            List.of(
                                    "EXPR_Classification_Challenge",
                                    "EXPR_Recognition_Challenge",
                                    "cropped_aligned"),
                            "the files of each video",
                            OWN),
                    new KnownTree("DFEW", List.of("EmoLabel_DataSplit"), "EmoLabel_DataSplit", OWN),
                    new KnownTree("FERV39k", List.of("2_ClipsforFaceCrop"), "4_setups", OWN),
                    new KnownTree("MAFW", List.of("clips/00001.mp4"), "split/single", OWN));

    /** Folders one level down in which a tree is looked for, too: zips nest. */
    private static final int FEW = 4;

    /** Refuses a folder that is one, or has one right in it. */
    static void refuse(Folders folders, Path root) throws IOException {
        List<Path> places = new ArrayList<>(List.of(root));
        List<Path> below = folders.foldersIn(root);
        if (below.size() <= FEW) {
            places.addAll(below);
        }
        for (Path place : places) {
            for (KnownTree one : ALL) {
                for (String marker : one.markers) {
                    if (Files.exists(place.resolve(marker))) {
                        throw Folders.odd(
                                place,
                                "is "
                                        + one.dataset
                                        + " ("
                                        + marker
                                        + " is in it), whose labels stand in "
                                        + one.labels
                                        + "; expected train, val and test, each with a folder for"
                                        + " each class. "
                                        + one.next);
                    }
                }
            }
        }
    }
}
