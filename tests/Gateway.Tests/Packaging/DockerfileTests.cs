using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Packaging;

/// <summary>Both images, as far as they can be checked without a Docker engine.</summary>
public sealed partial class DockerfileTests
{
    private static readonly HashSet<string> s_known =
        ["FROM", "ARG", "LABEL", "RUN", "WORKDIR", "COPY", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD", "ENV", "EXPOSE"];

    /// <summary>Libraries that the program opens by soname, and the package of the image's distribution (noble) that brings each.</summary>
    private static readonly Dictionary<string, string?> s_packageOf = new()
    {
        ["libc.so.6"] = null, // in every image
        ["libsystemd.so.0"] = null, // in the base image
        ["libsbc.so.1"] = "libsbc1",
        ["libpulse.so.0"] = "libpulse0",
        ["libsndfile.so.1"] = "libsndfile1",
    };

    public static TheoryData<string> Files => ["Dockerfile", "ha-addon/Dockerfile"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_line_is_an_instruction(string file) =>
        Assert.Empty(Dockerfile.Read(file).Instructions.Select(i => i.Name).Except(s_known));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_base_image_is_pinned_to_a_patch_version(string file) =>
        Assert.All(Dockerfile.Read(file).BaseImages, image => Assert.Matches(@"^mcr\.microsoft\.com/dotnet/[a-z-]+:10\.0\.\d+-noble$", image));

    [Fact]
    public void Both_images_stand_on_the_same_base() =>
        Assert.Equal(Dockerfile.Read("Dockerfile").BaseImages.Last(), Dockerfile.Read("ha-addon/Dockerfile").BaseImages.Single());

    [Fact]
    public void The_SDK_image_satisfies_global_json()
    {
        using var pin = JsonDocument.Parse(RepositoryFiles.Text("global.json"));
        var least = Version.Parse(pin.RootElement.GetProperty("sdk").GetProperty("version").GetString()!);
        var image = Dockerfile.Read("Dockerfile").BaseImages.Single(i => i.Contains("/sdk:", StringComparison.Ordinal));

        var version = Version.Parse(Tag().Match(image).Groups[1].Value);

        Assert.Equal((least.Major, least.Minor), (version.Major, version.Minor));
        Assert.True(version >= least, $"{image} is older than global.json's {least}.");
    }

    [Fact]
    public void Everything_copied_from_the_context_exists_and_is_let_through_by_the_ignore_file()
    {
        var allowed = RepositoryFiles.Text(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..].Trim()).ToHashSet();
        var sources = Dockerfile.Read("Dockerfile").ContextSources.Select(s => s.TrimEnd('/')).ToArray();

        Assert.NotEmpty(sources);
        Assert.All(sources, s => Assert.True(Path.Exists(RepositoryFiles.PathOf(s)), $"{s} is copied into the image, and does not exist."));
        Assert.Empty(sources.Except(allowed));
    }

    /// <summary>The Supervisor builds in ha-addon/ alone; the binaries come there by scripts/addon, one folder an architecture.</summary>
    [Fact]
    public void The_app_copies_only_what_the_script_lays_into_its_folder()
    {
        var script = RepositoryFiles.Text("scripts/addon");

        Assert.Equal(["bin/${BUILD_ARCH}/"], Dockerfile.Read("ha-addon/Dockerfile").ContextSources);
        Assert.All(YamlFile.Read("ha-addon/config.yaml").List("arch"), arch => Assert.Contains($":{arch}", script, StringComparison.Ordinal));
        Assert.Contains("\"$app/bin/${pair#*:}/\"", script, StringComparison.Ordinal);
    }

    [Fact]
    public void The_plain_image_runs_as_an_ordinary_user_that_may_write_its_data()
    {
        var image = Dockerfile.Read("Dockerfile");

        Assert.Equal("$APP_UID", image.Of("USER").Last());
        Assert.Contains("--from=build --chown=$APP_UID:$APP_UID /data /data", image.Of("COPY"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void It_ends_by_SIGTERM_starts_the_program_itself_and_is_checked_by_it(string file)
    {
        var image = Dockerfile.Read(file);

        Assert.Equal("SIGTERM", image.Of("STOPSIGNAL").Single());
        Assert.Equal("""["/app/tutti"]""", image.Of("ENTRYPOINT").Single());
        Assert.StartsWith("""["run", "--config",""", image.Of("CMD").Single(), StringComparison.Ordinal);
        Assert.EndsWith("""CMD ["/app/tutti", "version"]""", image.Of("HEALTHCHECK").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_packages_are_those_of_the_libraries_that_the_program_opens(string file)
    {
        var opened = Directory.EnumerateFiles(RepositoryFiles.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Soname().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Distinct().ToArray();
        Assert.All(opened, soname => Assert.True(s_packageOf.ContainsKey(soname), $"Which package brings {soname}? Add it here, and to both images."));

        var installed = Dockerfile.Read(file).RuntimePackages.ToArray();
        Assert.Empty(opened.Select(soname => s_packageOf[soname]).OfType<string>().Except(installed));
        Assert.Empty(installed.Except(s_packageOf.Values));
    }

    [GeneratedRegex(":([0-9.]+)-")]
    private static partial Regex Tag();

    [GeneratedRegex("\"(lib[a-z0-9_+-]+\\.so\\.[0-9]+)\"")]
    private static partial Regex Soname();
}
