import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node on the loopback, with HTTP and the common analysis and nothing else.
 *
 * <p>Arguments: the process it ends with, the folder of its own data, its number, then the HTTP port of every node of
 * the cluster; node-to-node traffic uses the port 100 above. When it ends, its data goes.
 */
public final class TestNode extends Node {

    private static final int APART = 100;  // from a node's HTTP port to its transport port

    private TestNode(Environment environment, List<Class<? extends Plugin>> plugins) {
        super(environment, plugins, false);
    }

    public static void main(String[] arguments) throws Exception {
        long owner = Long.parseLong(arguments[0]);
        Path folder = Path.of(arguments[1]).toAbsolutePath();
        int number = Integer.parseInt(arguments[2]);
        List<Integer> ports = Stream.of(arguments).skip(3).map(Integer::valueOf).toList();

        Thread.currentThread().setUncaughtExceptionHandler((thread, error) -> {
            error.printStackTrace();
            System.exit(1);  // a node's other threads would keep the process
        });
        // it may be gone by the time the node is up
        ProcessHandle.of(owner).ifPresentOrElse(
            process -> process.onExit().thenRun(() -> System.exit(0)), () -> System.exit(1));

        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings(folder, number, ports), Map.of(), null, () -> "node-" + number);
        TestNode node = new TestNode(environment, List.of(Netty4Plugin.class, CommonAnalysisPlugin.class));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
                node.awaitClose(10, TimeUnit.SECONDS);
            } catch (IOException | InterruptedException error) {
                // its data goes all the same
            }
            boolean alone = ProcessHandle.of(owner).filter(ProcessHandle::isAlive).isEmpty();
            File all = (alone ? folder.getParent() : folder).toFile();  // the owner, if it can, deletes the rest
            for (int tries = 0; tries < 100 && all.exists(); tries++) {  // other nodes may still be writing
                delete(all);
                LockSupport.parkNanos(50_000_000);
            }
            ended.countDown();
        }, "close"));
        node.start();
        ended.await();
    }

    private static Settings settings(Path folder, int number, List<Integer> ports) {
        Settings.Builder settings = Settings.builder()
            .put("cluster.name", "policykb-tests-" + ports.get(0))
            .put("node.name", "node-" + number)
            .put("path.home", folder.toString())
            .put("path.data", folder.resolve("data").toString())
            .put("path.logs", folder.resolve("logs").toString())
            .put("network.host", "127.0.0.1")
            .put("http.type", "netty4")
            .put("http.port", ports.get(number))
            .put("transport.type", "netty4")
            .put("transport.port", ports.get(number) + APART)
            .put("indices.breaker.total.use_real_memory", false)  // that counts what this collector lets lie, too
            .put("cluster.routing.allocation.disk.threshold_enabled", false);  // the machine's disk is its owner's
        if (ports.size() == 1) {
            return settings.put("discovery.type", "single-node").build();
        }
        List<String> names = Stream.iterate(0, n -> n + 1).limit(ports.size()).map(n -> "node-" + n).toList();
        return settings
            .putList("discovery.seed_hosts", ports.stream().map(port -> "127.0.0.1:" + (port + APART)).toList())
            .putList("cluster.initial_cluster_manager_nodes", names)
            .build();
    }

    private static void delete(File file) {
        File[] inside = file.listFiles();
        if (inside != null) {  // null, too, where another node was faster
            Stream.of(inside).forEach(TestNode::delete);
        }
        file.delete();
    }
}
