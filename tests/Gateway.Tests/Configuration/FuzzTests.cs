using System.Text;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>Broken copies of real files: whatever comes out, it is a configuration or a report with places, never a crash. Seeded, so a failure repeats.</summary>
public sealed class FuzzTests
{
    private static readonly string[] s_tokens =
        ["[", "]", "{", "}", ": ", "- ", "\n", "\t", "&a ", "*a", "!env ", "!file ", "!!binary ", "|\n", ">\n", "'", "\"", "? ", "---\n", "...\n", "%YAML 1.1\n", "null", "~", "\uFEFF", "\u2028", "😀", "\\", "#", "<<: ", "999999999999999999999", "-1", ".nan", "\0"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_broken_configuration_never_crashes(int seed)
    {
        var random = new Random(seed);
        var original = RepositoryFiles.Text("config/tutti.yaml");
        for (var i = 0; i < 150; i++)
        {
            var text = Mutate(original, random);
            Case.Run($"Seed {seed}, round {i}", () =>
            {
                var result = ConfigurationLoader.Parse(text, "/etc/tutti/tutti.yaml");

                Assert.True(result.IsValid == result.Configuration is not null, text);
                Assert.All(result.Errors, e => Assert.True(e.Line >= 0 && e.Message.EndsWith('.') && e.Remedy.Length > 0 && !e.ToString().Contains('\n', StringComparison.Ordinal), e.ToString()));
            });
        }
    }

    /// <summary>Found by <c>./bench fuzz</c>: the path of a setting whose name holds a line end.</summary>
    [Theory]
    [InlineData("\"a\\nb\": { c: 1 }\n")]
    [InlineData("\n:\u2028 \r? -\u00A0.n:\r? -an--16-,-r-.n:\r? -an--16-,-r-\n\n an--16-,-r-\n 1616")]
    public void An_error_stays_on_one_line_whatever_a_setting_is_called(string text)
    {
        var result = ConfigurationLoader.Parse(text, "/etc/tutti/tutti.yaml");

        Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors, e => Assert.False(e.ToString().Any(char.IsControl), e.ToString()));
    }

    /// <summary>Found by <c>./bench fuzz</c>: each of them kept the parser for half a minute.</summary>
    [Fact]
    public async Task A_directive_that_nothing_ends_is_read_at_once() => await Task.Run(() =>
    {
        for (var blocks = 1; blocks <= 16; blocks++) Assert.NotNull(ConfigurationLoader.Parse("%YAMLle ".PadRight(1024 * blocks, 'x'), "/etc/tutti/tutti.yaml"));
    }).WaitAsync(Patience.Hang);

    [Fact]
    public void A_broken_house_file_never_crashes()
    {
        var random = new Random(5);
        var house = ConfigurationLoaderTests.Valid(RepositoryFiles.Text("config/demo.yaml")).House;
        for (var i = 0; i < 300; i++)
        {
            var text = Mutate(HouseFileTests.Example, random);
            Case.Run($"Round {i}: {text}", () =>
            {
                var result = HouseFileLoader.Parse(text, "house.yaml", house);

                Assert.Equal(result.Errors.Count == 0, result.Value is not null);
            });
        }
    }

    [Fact]
    public void A_broken_catalogue_never_crashes()
    {
        var random = new Random(6);
        var original = RepositoryFiles.Text("config/speakers.yaml");
        for (var i = 0; i < 200; i++)
        {
            var text = Mutate(original, random);
            Case.Run($"Round {i}", () =>
            {
                var result = CatalogueLoader.ParseSpeakers(text, "speakers.yaml");

                Assert.Equal(result.Errors.Count == 0, result.Value is not null);
            });
        }
    }

    [Fact]
    public void A_file_of_random_bytes_never_crashes()
    {
        var random = new Random(7);
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 100; i++)
        {
            var bytes = new byte[random.Next(2000)];
            random.NextBytes(bytes);
            var file = folder.Write("tutti.yaml", bytes);
            Case.Run($"Round {i}, {Convert.ToHexString(bytes)}", () =>
            {
                var result = ConfigurationLoader.Load(file);

                Assert.Equal(result.IsValid, result.Configuration is not null);
            });
        }
    }

    private static string Mutate(string original, Random random)
    {
        var text = new StringBuilder(original);
        for (var n = random.Next(1, 8); n > 0; n--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 40), text.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, s_tokens[random.Next(s_tokens.Length)]);
                    break;
                case 2:
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                case 3:
                    text[at] = (char)random.Next(1, 0x250);
                    break;
                default:
                    text.Insert(at, string.Concat(Enumerable.Repeat(s_tokens[random.Next(s_tokens.Length)], random.Next(1, 60))));
                    break;
            }

            if (text.Length == 0) text.Append(' ');
        }

        return text.ToString();
    }
}
