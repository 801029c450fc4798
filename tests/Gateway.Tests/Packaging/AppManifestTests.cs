using System.Buffers.Binary;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gateway.Configuration.Supervisor;
using YamlDotNet.RepresentationModel;

namespace Gateway.Tests.Packaging;

/// <summary>The Home Assistant app as far as files can be checked without a Supervisor, by the rules of its own validation.</summary>
public sealed partial class AppManifestTests
{
    private static readonly YamlMappingNode s_manifest = YamlFile.Read("ha-addon/config.yaml");

    /// <summary>Read by older Supervisors with a warning, or refused by newer ones.</summary>
    private static readonly string[] s_deprecated = ["advanced", "codenotary", "auto_uart", "build_from", "legacy", "snapshot", "webui"];

    [Fact]
    public void Only_one_file_in_the_repository_is_called_config_yaml() =>
        Assert.Equal(["ha-addon/config.yaml"], RepositoryFiles.All().Where(f => Path.GetFileName(f) is "config.yaml" or "config.yml" or "config.json"));

    [Fact]
    public void The_files_that_the_Supervisor_and_the_store_read_are_there()
    {
        string[] expected =
        [
            "ha-addon/Dockerfile", "ha-addon/DOCS.md", "ha-addon/README.md", "ha-addon/CHANGELOG.md", "ha-addon/icon.png", "ha-addon/logo.png", "ha-addon/apparmor.txt", "ha-addon/translations/en.yaml",
        ];

        Assert.All(expected, f => Assert.True(File.Exists(RepositoryFiles.PathOf(f)), $"{f} is missing."));
        Assert.False(File.Exists(RepositoryFiles.PathOf("ha-addon/build.yaml")), "build.yaml is deprecated: the Dockerfile is the only build source.");
    }

    /// <summary>A repository file makes every manifest below it an app of the store, which the Supervisor then builds in that folder alone, or pulls.</summary>
    [Fact]
    public void The_store_lists_no_app_that_it_cannot_build()
    {
        var builds = s_manifest.Keys().Contains("image") || Dockerfile.Read("ha-addon/Dockerfile").ContextSources.All(s => RepositoryFiles.All().Any(f => f.StartsWith($"ha-addon/{s.Split('$')[0]}", StringComparison.Ordinal)));

        Assert.Equal(builds, File.Exists(RepositoryFiles.PathOf("repository.yaml")));
    }

    /// <summary>Each right that the manifest asks for, and what in the program needs it. A right without a row, or whose use is gone, has to go.</summary>
    [Fact]
    public void Every_right_that_the_app_asks_for_is_used()
    {
        Dictionary<string, string> users = new()
        {
            ["services"] = "src/Gateway/Configuration/Supervisor/SupervisorClient.cs:services/mqtt",
            ["host_dbus"] = "src/Gateway/Bluetooth/BlueZ/BlueZService.cs:DBusAddress.System",
            ["audio"] = "src/Gateway/PulseAudio/PulseMicrophone.cs:PulseMicrophone",
            ["map"] = "src/Gateway/Configuration/Supervisor/SupervisorSetup.cs:\"/media\"",
        };
        string[] plain = ["name", "version", "slug", "description", "arch", "startup", "boot", "stage", "homeassistant", "timeout", "backup", "backup_pre", "backup_exclude", "options", "schema"];

        Assert.Equal(users.Keys.Order(), s_manifest.Keys().Except(plain).Order());
        Assert.All(users.Values, u => Assert.Contains(u.Split(':')[1], RepositoryFiles.Text(u.Split(':')[0]), StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_of_the_apps_page_passes_the_check()
    {
        var example = Assert.Single(MarkdownYaml.Blocks("ha-addon/DOCS.md"));
        var options = YamlFile.Parse(example);

        var result = Gateway.Configuration.ConfigurationLoader.Parse(options.Text("configuration")!, "/data/tutti.yaml", catalogue: Gateway.Configuration.CatalogueLoader.BuiltIn);

        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Equal(2, Assert.Single(result.Configuration!.House.Groups).Members.Count);
    }

    [Fact]
    public void Required_members_are_there_and_deprecated_ones_are_not()
    {
        string[] required = ["name", "version", "slug", "description", "arch"];

        Assert.Empty(required.Except(s_manifest.Keys()));
        Assert.Empty(s_deprecated.Intersect(s_manifest.Keys()));
        Assert.Matches("^[-_.A-Za-z0-9]+$", s_manifest.Text("slug"));
        Assert.Empty(s_manifest.List("arch").Except(["aarch64", "amd64"]));
        Assert.InRange(int.Parse(s_manifest.Text("timeout")!, System.Globalization.CultureInfo.InvariantCulture), 10, 300);
        Assert.All(s_manifest.List("services"), s => Assert.Matches("^(mqtt|mysql):(provide|want|need)$", s));
    }

    [Fact]
    public void The_apps_version_is_the_programs()
    {
        var version = XDocument.Load(RepositoryFiles.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

        Assert.Equal(version, s_manifest.Text("version"));
        Assert.Contains($"BUILD_VERSION={version}", RepositoryFiles.Text("ha-addon/Dockerfile"), StringComparison.Ordinal);
        Assert.Contains($"image.version=\"{version}\"", RepositoryFiles.Text("Dockerfile"), StringComparison.Ordinal);
    }

    /// <summary>The Supervisor's own sum: 5 to begin with, 1 for the profile; 2 more are for a page behind its ingress, and there is no page yet.</summary>
    [Fact]
    public void The_security_rating_is_the_highest_without_a_page()
    {
        var rating = 5;
        rating += !s_manifest.Keys().Contains("apparmor") && File.Exists(RepositoryFiles.PathOf("ha-addon/apparmor.txt")) ? 1 : 0;
        rating -= s_manifest.Text("apparmor") == "false" ? 1 : 0;
        rating += s_manifest.IsTrue("ingress") ? 2 : s_manifest.IsTrue("auth_api") ? 1 : 0;
        rating -= s_manifest.List("privileged").Length > 0 ? 1 : 0;
        rating -= s_manifest.Text("hassio_role") switch { "manager" => 1, "admin" => 2, _ => 0 };
        rating -= s_manifest.IsTrue("host_network") ? 1 : 0;
        rating -= s_manifest.IsTrue("host_pid") ? 2 : 0;
        rating = s_manifest.IsTrue("docker_api") || s_manifest.IsTrue("full_access") ? 1 : rating;

        Assert.Equal(6, rating);
    }

    [Fact]
    public void The_AppArmor_profile_is_named_as_the_slug() =>
        Assert.Matches($@"(?m)^profile {Regex.Escape(s_manifest.Text("slug")!)} ", RepositoryFiles.Text("ha-addon/apparmor.txt"));

    /// <summary>The bus is everybody's, and the profile must name those whom the program talks to.</summary>
    [Fact]
    public void The_AppArmor_profile_gives_no_more_than_the_program_uses()
    {
        var rules = RepositoryFiles.Text("ha-addon/apparmor.txt").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();

        Assert.All(rules.Where(r => r.StartsWith("dbus ", StringComparison.Ordinal)), r => Assert.Matches("peer=|path=", r));
        Assert.DoesNotContain(rules, r => r.StartsWith("@{PROC}/**", StringComparison.Ordinal) || r.StartsWith("network bluetooth", StringComparison.Ordinal));
        Assert.Contains("path=/org/tutti/** interface=org.bluez.{Agent1,MediaEndpoint1},", string.Join('\n', rules), StringComparison.Ordinal);
        Assert.Contains("\"/org/tutti\"", RepositoryFiles.Text("src/Gateway/Bluetooth/BlueZ/Callbacks.cs"), StringComparison.Ordinal);
    }

    /// <summary>A live database copied file by file may not open again.</summary>
    [Fact]
    public void A_backup_takes_the_snapshot_and_not_the_database_in_use()
    {
        var excluded = s_manifest.List("backup_exclude");

        Assert.Equal("/app/tutti snapshot --data /data", s_manifest.Text("backup_pre"));
        Assert.All(new[] { "tutti.db", "tutti.db-wal", "tutti.db-shm" }, f => Assert.Contains(excluded, e => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(e, f)));
        Assert.DoesNotContain(excluded, e => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(e, "tutti.snapshot.db"));
        Assert.Contains(Program.Root().Subcommands, c => c.Name == "snapshot");
    }

    /// <summary>Nothing of Home Assistant's can be changed from the app.</summary>
    [Fact]
    public void The_app_sees_the_media_folder_and_may_only_read_it()
    {
        var mapped = Assert.Single(((YamlSequenceNode)s_manifest.Children["map"]).Children.Cast<YamlMappingNode>());

        Assert.Equal(("media", "true"), (mapped.Text("type"), mapped.Text("read_only")));
        Assert.Contains("/media/** r,", RepositoryFiles.Text("ha-addon/apparmor.txt"), StringComparison.Ordinal);
        Assert.StartsWith("/media", s_manifest.Map("options").Text("media_dir"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_schema_entry_has_a_known_type_and_a_default_unless_it_is_optional()
    {
        var schema = s_manifest.Map("schema");

        Assert.All(schema.Keys(), key => Assert.Matches(SchemaType(), schema.Text(key)));
        Assert.Equal(schema.Keys().Where(key => !schema.Text(key)!.EndsWith('?')), s_manifest.Map("options").Keys());
    }

    [Fact]
    public void Every_option_has_a_name_and_a_description_in_English()
    {
        var translations = YamlFile.Read("ha-addon/translations/en.yaml").Map("configuration");

        Assert.Equal(s_manifest.Map("schema").Keys().Order(), translations.Keys().Order());
        Assert.All(translations.Keys(), key => Assert.Equal(["name", "description"], translations.Map(key).Keys()));
    }

    [Fact]
    public void Every_option_is_documented_for_the_user()
    {
        var docs = RepositoryFiles.Text("ha-addon/DOCS.md");

        Assert.All(s_manifest.Map("schema").Keys(), key => Assert.Contains($"`{key}`", docs, StringComparison.Ordinal));
    }

    [Fact]
    public void The_program_reads_every_option_of_the_schema()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, JsonSerializer.Serialize(s_manifest.Map("schema").Keys().ToDictionary(key => key, key => $"value of {key}")));

        var options = AppOptions.Read(path);

        File.Delete(path);
        string?[] read = [options.GatewayName, options.MqttUrl, options.MqttUsername, options.MqttPassword, options.MediaDirectory, options.Configuration];
        Assert.Equal(s_manifest.Map("schema").Keys().Select(key => $"value of {key}").Order(), read.Order());
    }

    [Theory]
    [InlineData("icon.png", 128, 128)]
    [InlineData("logo.png", 250, 100)]
    public void The_pictures_have_the_size_that_the_store_shows(string name, int width, int height)
    {
        var png = File.ReadAllBytes(RepositoryFiles.PathOf("ha-addon/" + name)).AsSpan();

        // The signature, then the IHDR chunk: width and height at 16 and 20, big-endian.
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], png[..8].ToArray());
        Assert.Equal((width, height), (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..])));
    }

    [GeneratedRegex(@"^(str|bool|email|url|password|port|int(\(-?\d*,-?\d*\))?|float(\([^)]*\))?|match\(.+\)|list\(.+\)|device(\(.+\))?)\??$")]
    private static partial Regex SchemaType();
}
