import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Jib IMAGE...: prints for each what Jib's plugins for Maven and Gradle find in Docker's file, as an
 * array in JSON.
 */
public class Jib {
  public static void main(String[] images) throws Exception {
    List<String> found = new ArrayList<>();
    for (String image : images) found.add(lookUp(ImageReference.parse(image)));
    new PrintStream(System.out, true, StandardCharsets.UTF_8).println(found);
  }

  private static Path findFile() {
    String folder = System.getenv("DOCKER_CONFIG");
    return folder == null
        ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
        : Path.of(folder, "config.json");
  }

  private static String lookUp(ImageReference image) {
    try {
      return CredentialRetrieverFactory.forImage(image, event -> {})
          .dockerConfig(findFile())
          .retrieve()
          .map(one -> member("user", one.getUsername()) + "," + member("secret", one.getPassword()))
          .map(members -> "{" + members + "}")
          .orElse("{}");
    } catch (Exception error) {
      return "{" + member("error", String.valueOf(error.getMessage())) + "}";
    }
  }

  private static String member(String name, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
    return "\"" + name + "\":\"" + escaped + "\"";
  }
}
