using Gateway.Demo;

namespace Gateway.Tests.Demo;

public sealed class ScreenTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(40)]
    [InlineData(25)]
    public void Lines_are_folded_at_blanks_to_the_width_and_nothing_is_lost(int columns)
    {
        const string Text = "   12.3 s  refused: All by Wi-Fi cannot play: JBL Flip 6 A and JBL Flip 6 B cannot be in a Wi-Fi group: Alexa takes only Echos, and speakers that it knows itself.";

        var lines = Write(Text, columns, coloured: false).TrimEnd('\n').Split('\n');

        Assert.All(lines, l => Assert.InRange(l.Length, 1, columns));
        Assert.All(lines.Skip(1), l => Assert.StartsWith(new string(' ', Math.Min(11, columns / 5)), l, StringComparison.Ordinal));
        Assert.Equal(Text.Trim(), string.Join(' ', lines.Select(l => l.Trim())));
    }

    [Fact]
    public void A_line_that_fits_stays_as_it_is() => Assert.Equal("   12.3 s  fits\n", Write("   12.3 s  fits", 15, coloured: false));

    [Fact]
    public void A_word_that_is_longer_than_the_line_is_left_to_the_terminal() =>
        Assert.Equal("a\n  tutti/group/all_by_wifi/active/set\n  b\n", Write("a tutti/group/all_by_wifi/active/set b", 10, coloured: false));

    [Fact]
    public void Without_a_terminal_lines_are_whole_and_plain() => Assert.Equal(new string('x', 300) + " y\n", Write(new string('x', 300) + " y", 0, coloured: false));

    [Fact]
    public void Each_line_of_a_colour_begins_and_ends_it() => Assert.Equal("\e[33mone\e[0m\n\e[33m two\e[0m\n", Write("one two", 10, coloured: true, columns: 6));

    [Fact]
    public void What_others_send_cannot_steer_the_terminal() => Assert.Equal("a?[2Jb\n", Write("a\u001b[2Jb", 0, coloured: false));

    private static string Write(string text, int width, bool coloured, int? columns = null)
    {
        using var output = new StringWriter();
        new Screen(output, coloured, () => columns ?? width).Write(text, coloured ? Tone.Bad : Tone.Plain);
        return output.ToString();
    }
}
